"""Model fields for personal data: encrypted text, and the keyed hash that finds it."""

from __future__ import annotations

from typing import Any, NoReturn

from django import forms
from django.core import checks
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import models
from django.db.models.lookups import Exact, In, IsNull
from django.db.models.query_utils import DeferredAttribute
from django.db.models.sql.subqueries import InsertQuery, UpdateQuery

from core.crypto import OVERHEAD_BYTES, VERSION, blind_index, decrypt, encrypt


class EncryptedTextField(models.Field):
    """Text, encrypted in the database as bytea. NULL stays NULL; every other value, "" too, is encrypted on its way in
    whatever it looks like, and a value that no key opens raises DecryptionError on its way out.

    Only `isnull` can be looked up: to find a value, give it a BlindIndexField, which then has to be written with it.
    The column refuses bytes that are not encrypted, so no expression or raw SQL can leave clear text in it.
    `dumpdata` writes clear text.
    """

    description = "Encrypted text"

    def db_type(self, connection: Any) -> str:
        return "bytea"

    def db_check(self, connection: Any) -> str:
        column = connection.ops.quote_name(self.column)
        version = f"'\\x{VERSION:02x}'::bytea"
        return f"octet_length({column}) >= {OVERHEAD_BYTES} AND substring({column} from 1 for 1) = {version}"

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        if not isinstance(value, str):
            raise TypeError(f"{self.name} takes text, not {type(value).__name__}")
        return encrypt(value)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Called for each value written: the place to refuse writing the text without its hash."""
        written = _updated_fields(compiler.query)
        if self in written:
            for field in self.model._meta.concrete_fields:
                if isinstance(field, BlindIndexField) and field.source == self.name and field not in written:
                    raise FieldError(f"{self.name} must be written together with {field.name}, which is its keyed hash")
        return "%s"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(value)

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else str(value)

    def get_lookup(self, lookup_name: str) -> Any:
        return IsNull if lookup_name == "isnull" else self._refuse_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        self._refuse_lookup(lookup_name)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**({"form_class": forms.CharField, "empty_value": None if self.null else ""} | kwargs))

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        problems = super().check(**kwargs)
        if self.unique or self.db_index:  # type: ignore[attr-defined]
            hint = "Index its BlindIndexField instead."
            message = "An encrypted value differs each time it is written, so it cannot be unique or indexed."
            problems.append(checks.Error(message, hint=hint, obj=self, id="core.E010"))
        return problems

    def _refuse_lookup(self, lookup_name: str) -> NoReturn:
        raise FieldError(
            f"{self.name} is encrypted: “{lookup_name}” would match nothing. Only isnull can be looked up; "
            "to find a value ask the repository's method that searches by blind index (such as by_number)."
        )


class HashOfSource(DeferredAttribute):
    """Reading the hash hashes the text in memory, so that the two cannot differ however they are then written; only
    where the text is not loaded is it the stored hash."""

    field: BlindIndexField

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        values = instance.__dict__
        if self.field.source not in values:
            return super().__get__(instance, cls)
        source = values[self.field.source]
        if hasattr(source, "resolve_expression"):
            raise FieldError(f"{self.field.source} is an SQL expression, whose keyed hash nobody can know")
        return None if source is None else blind_index(source)

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class BlindIndexField(models.BinaryField):
    """Keyed hash of the encrypted field `source` of the same row; look it up with `blind_index(value)`.

    It follows its source in memory, so save, bulk_create and bulk_update of both fields write the right hash; an
    UPDATE of the source alone is refused. An UPDATE of the hash alone is allowed: a new FIELD_HASH_KEY needs it.
    """

    description = "Keyed hash of an encrypted field"
    descriptor_class = HashOfSource

    def __init__(self, *args: Any, source: str = "", **kwargs: Any) -> None:
        self.source = source
        kwargs.setdefault("max_length", 32)
        super().__init__(*args, **kwargs | {"editable": False})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"source": self.source}

    def get_lookup(self, lookup_name: str) -> Any:
        lookups = {"exact": Exact, "in": In, "isnull": IsNull}
        if lookup_name not in lookups:
            raise FieldError(f"{self.name} is a keyed hash: it answers exact, in and isnull, not “{lookup_name}”")
        return lookups[lookup_name]

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        problems = super().check(**kwargs)
        if not self._has_source():
            message = f"source names no encrypted field of this model: “{self.source}”."
            problems.append(checks.Error(message, obj=self, id="core.E011"))
        return problems

    def _has_source(self) -> bool:
        try:
            return isinstance(self.model._meta.get_field(self.source), EncryptedTextField)
        except FieldDoesNotExist:
            return False


def _updated_fields(query: Any) -> set[models.Field]:
    """Fields that an UPDATE sets, or an INSERT on conflict."""
    if isinstance(query, UpdateQuery):
        return {field for field, _, _ in query.values}  # type: ignore[attr-defined]
    return set(query.update_fields) if isinstance(query, InsertQuery) else set()  # type: ignore[attr-defined]
