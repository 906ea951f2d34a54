"""Model fields for personal data: encrypted text, and the keyed hash that finds it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import IsNull

from core.crypto import blind_index, decrypt, encrypt


class EncryptedTextField(models.Field):
    """Text, encrypted in the database as bytea. NULL stays NULL; every other value, "" too, is encrypted on its way in
    whatever it looks like. Only `isnull` can be looked up: to find a value use its BlindIndexField."""

    description = "Encrypted text"
    empty_strings_allowed = True

    def db_type(self, connection: Any) -> str:
        return "bytea"

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        if not isinstance(value, str):
            raise TypeError(f"{self.name} takes text, not {type(value).__name__}")
        return encrypt(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(value)

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else str(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return IsNull
        raise FieldError(f"{self.name} is encrypted and cannot be looked up with “{lookup_name}”; use its blind index.")

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is encrypted and cannot be looked up with “{lookup_name}”; use its blind index.")

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**({"form_class": forms.CharField, "empty_value": None if self.null else ""} | kwargs))

    def value_to_string(self, obj: models.Model) -> str:
        return self.value_from_object(obj) or ""


class BlindIndexField(models.BinaryField):
    """Keyed hash of another field of the same row, kept by `save` and `bulk_create`; look it up with
    `blind_index(value)`. `bulk_update` and `update` do not compute it: change such a value with `save`."""

    description = "Keyed hash of an encrypted field"

    def __init__(self, *args: Any, source: str = "", **kwargs: Any) -> None:
        self.source = source
        kwargs.setdefault("max_length", 32)
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["source"] = self.source
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        source = getattr(model_instance, self.source)
        value = None if source is None else blind_index(source)
        setattr(model_instance, self.attname, value)
        return value
