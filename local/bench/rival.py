"""The same tax roll through django-import-export, as its documentation advises, into the same kinds of records: owner,
parcel, ownership and lead. `python -m local.bench.rival FILE ROWS` prints the seconds of both of its ways as JSON.

Its defaults: one resource over parcels, which saves row by row and gets or creates the owner in a hook. With
`use_bulk`: a resource per table, one after the other, new rows only, cached keys, no diffs. Neither keeps events,
which lists a parcel is on, before-images or rejected rows; bulk keeps no history either. What it would refuse is
cleaned beforehand, and owners are told apart by name alone: all of it in its favour.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from local import environment

if TYPE_CHECKING:
    from tablib import Dataset

COLUMNS = {
    "parcel_number": "number",
    "situs_address": "situs_address",
    "situs_city": "situs_city",
    "situs_zip": "situs_zip",
    "legal_description": "legal_description",
    "subdivision": "subdivision",
    "ward": "ward",
    "acreage": "acres",
    "land_value": "land_value",
    "improvement_value": "improvement_value",
    "owner_name": "name",
    "mailing_address": "mailing_street",
    "mailing_city": "mailing_city",
    "mailing_state": "mailing_state",
    "mailing_zip": "mailing_zip",
}
"""Column of the roll -> field."""
LAND = tuple(COLUMNS.values())[:10]
OWNER = tuple(COLUMNS.values())[10:]
FIGURES = ("acres", "land_value", "improvement_value")


def main(path: Path, rows: int) -> dict[str, Any]:
    environment.set_development_defaults()
    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.DEBUG = False  # with it Django would remember every query
    times: dict[str, Any] = {"rows": 0}
    for name, way in (("default", _by_default), ("bulk", _in_bulk)):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE leads_lead, leads_ownership, leads_parcel, leads_owner CASCADE")
        started = time.perf_counter()
        dataset = _dataset(path, rows)
        way(dataset)
        times[name] = time.perf_counter() - started
        times["rows"] = len(dataset)
        _check(len(dataset))
    return times


def _check(rows: int) -> None:
    from leads.models import Lead, Parcel

    if not rows == Parcel.objects.count() == Lead.objects.count():
        raise SystemExit("django-import-export did not take all rows")


def _dataset(path: Path, rows: int) -> Dataset:
    from tablib import Dataset

    dataset = Dataset(headers=[*COLUMNS.values(), "name_key"])
    for row in _clean_rows(path, rows):
        dataset.append(row)
    return dataset


def _clean_rows(path: Path, rows: int) -> Iterator[list[str]]:
    from leads.owner_names import name_key

    seen: set[str] = set()
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            if number == rows:
                return
            values = {field: (row[column] or "").strip() for column, field in COLUMNS.items()}
            if values["number"] and name_key(values["name"]) and values["number"] not in seen:
                seen.add(values["number"])
                values |= {field: _figure(values[field]) for field in FIGURES}
                values["mailing_state"] = values["mailing_state"][:2].upper()
                yield [*(value[:60] for value in values.values()), name_key(values["name"])[:60]]


def _figure(cell: str) -> str:
    try:
        return f"{float(cell.replace('$', '').replace(',', '')):.2f}" if 0 < float(cell) < 1e6 else ""
    except ValueError:
        return ""


def _import(resource: Any, dataset: Dataset) -> None:
    result = resource.import_data(dataset, use_transactions=True, raise_errors=True)
    if result.has_errors() or result.has_validation_errors():
        raise SystemExit("django-import-export refused rows")


def _place() -> Any:
    from markets.models import Parish

    return Parish.objects.select_related("market").get(name="East Baton Rouge")


def _save(record: Any) -> None:
    """Our import writes no history of these either."""
    record.save_without_historical_record()


def _by_default(dataset: Dataset) -> None:
    from django.utils import timezone
    from import_export.resources import ModelResource

    from leads.models import Lead, Owner, Ownership, Parcel

    parish, now = _place(), timezone.now()

    class RollResource(ModelResource):
        class Meta:
            model = Parcel
            fields = LAND
            import_id_fields = ("number",)

        def get_queryset(self) -> Any:
            return Parcel.objects.filter(parish=parish)

        def before_save_instance(self, instance: Parcel, row: Any, **options: Any) -> None:
            instance.parish = parish

        def after_save_instance(self, instance: Parcel, row: Any, **options: Any) -> None:
            values = {field: row[field] or "" for field in OWNER}
            owner, _ = Owner.objects.get_or_create(name_key=row["name_key"], defaults=values)
            _save(Ownership(parcel=instance, owner=owner, since=now, source="tax_roll"))
            _save(Lead(parcel=instance, owner=owner, market=parish.market))

    _import(RollResource(), dataset)


def _in_bulk(dataset: Dataset) -> None:
    from leads.models import Lead, Owner, Ownership, Parcel

    parish = _place()
    make = _bulk_resources(parish)
    owners = dataset.subset(cols=[*OWNER, "name_key"])
    _first_of_each(owners)
    _import(make(Owner, (*OWNER, "name_key"))(), owners)
    _import(make(Parcel, LAND)(), dataset)
    _import(make(Ownership, ("parcel", "owner"))(), dataset)
    _import(make(Lead, ("parcel", "owner"))(), dataset)


def _first_of_each(owners: Dataset) -> None:
    first: dict[str, Any] = {}
    for row in owners:
        first.setdefault(row[-1], row)
    headers = owners.headers
    owners.wipe()
    owners.headers = headers
    owners.extend(first.values())


def _bulk_resources(parish: Any) -> Callable[[Any, tuple[str, ...]], Any]:
    from django.utils import timezone
    from import_export.fields import Field
    from import_export.resources import ModelResource
    from import_export.widgets import CachedForeignKeyWidget

    from leads.models import Owner, Parcel

    constants = {"parish": parish, "market": parish.market, "since": timezone.now(), "source": "tax_roll"}
    keys = {
        "parcel": Field("parcel", "number", CachedForeignKeyWidget(Parcel, "number")),
        "owner": Field("owner", "name_key", CachedForeignKeyWidget(Owner, "name_key")),
    }

    def make(model: Any, names: tuple[str, ...]) -> Any:
        own = {name: value for name, value in constants.items() if name in {field.name for field in model._meta.fields}}

        def before_save_instance(self: Any, instance: Any, row: Any, **options: Any) -> None:
            for name, value in own.items():
                setattr(instance, name, value)

        options = {"model": model, "fields": names, "import_id_fields": names[:1], "use_bulk": True, "batch_size": 1000,
                   "skip_diff": True, "force_init_instance": True}  # fmt: skip
        parts = {name: keys[name] for name in names if name in keys}
        body = {**parts, "Meta": type("Meta", (), options), "before_save_instance": before_save_instance}
        return type(f"{model.__name__}Resource", (ModelResource,), body)

    return make


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
