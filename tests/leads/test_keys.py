"""Keys that triggers look up for a whole statement promise what foreign keys do."""

import threading
from contextlib import closing

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from leads.models import Lead, Owner, OwnerPhone, Ownership, Parcel
from tests.factories import (
    SINCE,
    LeadFactory,
    MarketFactory,
    OwnerFactory,
    OwnerPhoneFactory,
    ParcelFactory,
    ParishFactory,
    PhoneNumberFactory,
)

NOBODY = 2**40
KEYS = [
    ("leads_parcel", "parish_id", ParcelFactory),
    ("leads_ownership", "parcel_id", None),
    ("leads_ownership", "owner_id", None),
    ("leads_lead", "market_id", LeadFactory),
    ("leads_lead", "parcel_id", LeadFactory),
    ("leads_lead", "owner_id", LeadFactory),
    ("leads_ownerphone", "owner_id", OwnerPhoneFactory),
    ("leads_ownerphone", "phone_id", OwnerPhoneFactory),
]
by_key = pytest.mark.parametrize(("table", "key", "factory"), KEYS, ids=[f"{table}.{key}" for table, key, _ in KEYS])


def ownership() -> Ownership:
    return Ownership.objects.create(parcel=ParcelFactory(), owner=OwnerFactory(), since=SINCE, source="tax_roll")


def record(factory):
    return factory() if factory else ownership()


def run(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.django_db
@by_key
def test_a_new_row_must_name_a_record_that_is_there(table, key, factory):
    row = record(factory)
    if table == "leads_lead":
        Lead.objects.update(deleted_at=SINCE)  # of open ones a parcel has but one
    columns = ", ".join(f.column for f in row._meta.concrete_fields if f.column not in ("id", key))

    with pytest.raises(IntegrityError, match=f"{key} of {table} names no record of \\w+"):
        run(f"INSERT INTO {table} ({columns}, {key}) SELECT {columns}, %s FROM {table} WHERE id = %s", NOBODY, row.pk)

    assert type(row).objects.count() == 1


@pytest.mark.django_db
@by_key
def test_a_changed_row_must_name_a_record_that_is_there(table, key, factory):
    row = record(factory)

    with pytest.raises(IntegrityError, match=f"{key} of {table} names no record of \\w+"):
        run(f"UPDATE {table} SET {key} = %s WHERE id = %s", NOBODY, row.pk)

    assert getattr(type(row).objects.get(pk=row.pk), key) == getattr(row, key)


@pytest.mark.django_db
@by_key
def test_no_record_goes_while_a_row_names_it(table, key, factory):
    row = record(factory)
    parent = row._meta.get_field(key.removesuffix("_id")).related_model

    for other, column, _ in KEYS:  # what else names it goes first
        if (other, column) != (table, key) and _parent(other, column) == parent._meta.db_table:
            run(f"DELETE FROM {other} WHERE {column} = %s", getattr(row, key))

    with pytest.raises(IntegrityError, match=f"still named by {key} of {table}"):
        run(f"DELETE FROM {parent._meta.db_table} WHERE id = %s", getattr(row, key))

    assert parent.objects.filter(pk=getattr(row, key)).exists()


def _parent(table: str, key: str) -> str:
    models = {model._meta.db_table: model for model in (Parcel, Ownership, Lead, OwnerPhone)}
    return str(models[table]._meta.get_field(key.removesuffix("_id")).related_model._meta.db_table)


@pytest.mark.django_db
def test_of_many_rows_one_wrong_one_is_enough():
    parish = ParishFactory()
    rows = [Parcel(parish=parish, number=str(number)) for number in range(50)]
    rows[37].parish_id = NOBODY

    with pytest.raises(IntegrityError, match="names no record of markets_parish"), transaction.atomic():
        Parcel.objects.bulk_create(rows)

    assert not Parcel.objects.exists()


@pytest.mark.django_db
def test_records_of_the_same_transaction_and_of_earlier_ones_count_alike():
    known, parish = OwnerFactory(), ParishFactory()
    with transaction.atomic():
        owners = [known, *(Owner.objects.create(name=f"NEW {n}", name_key=f"NEW {n}") for n in range(3))]
        parcels = [ParcelFactory(parish=parish) for _ in owners]
        Ownership.objects.bulk_create(
            Ownership(parcel=parcel, owner=owner, since=SINCE, source="x")
            for parcel, owner in zip(parcels, owners, strict=True)
        )

    assert Ownership.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_who_deletes_an_owner_waits_for_whoever_just_named_them_and_is_refused():
    owner, parcel = OwnerFactory(), ParcelFactory()
    named, done = threading.Event(), []

    def delete() -> None:
        with closing(psycopg.connect(_address())) as other:
            named.wait(10)
            try:
                other.execute("DELETE FROM leads_owner WHERE id = %s", [owner.pk])
                other.commit()
                done.append("gone")
            except psycopg.errors.ForeignKeyViolation:
                done.append("refused")

    deleter = threading.Thread(target=delete)
    deleter.start()
    with transaction.atomic():
        Ownership.objects.create(parcel=parcel, owner=owner, since=SINCE, source="x")
        named.set()
        deleter.join(0.3)
        assert deleter.is_alive()
    deleter.join(10)

    assert done == ["refused"]
    assert Owner.objects.filter(pk=owner.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_who_names_an_owner_waits_for_whoever_just_deleted_them_and_is_refused():
    owner, parcel = OwnerFactory(), ParcelFactory()
    refused = []

    def name() -> None:
        with closing(psycopg.connect(_address())) as other:
            try:
                other.execute(
                    "INSERT INTO leads_ownership (parcel_id, owner_id, since, source) VALUES (%s, %s, now(), 'x')",
                    [parcel.pk, owner.pk],
                )
                other.commit()
            except psycopg.errors.ForeignKeyViolation as error:
                refused.append(error.diag.constraint_name)

    with transaction.atomic():
        run("DELETE FROM leads_owner WHERE id = %s", owner.pk)
        namer = threading.Thread(target=name)
        namer.start()
        namer.join(0.3)
        assert namer.is_alive()
    namer.join(10)

    assert refused == ["leads_ownership_owner_id"]
    assert not Ownership.objects.exists()


@pytest.mark.django_db
def test_a_market_with_leads_stays():
    lead = LeadFactory(market=MarketFactory())

    with pytest.raises(IntegrityError, match="still named by market_id of leads_lead"):
        run("DELETE FROM markets_market WHERE id = %s", lead.market_id)


@pytest.mark.django_db
def test_a_number_goes_when_nothing_names_it():
    number = PhoneNumberFactory()

    run("DELETE FROM leads_phonenumber WHERE id = %s", number.pk)

    assert not type(number).objects.exists()


def _address() -> str:
    known = connection.get_connection_params()
    named = {key: known[key] for key in ("dbname", "host", "port", "user", "password") if known.get(key)}
    return psycopg.conninfo.make_conninfo(**named)
