"""Lists go in once, whole and in order, whatever happens on the way; the same list again changes nothing."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from leads.imports.runner import run_import
from leads.models import Event, ImportRow, Lead, ListImport, Owner, OwnerPhone, Ownership, Parcel, PhoneNumber
from leads.numbers import end_number
from leads.pipeline import move_lead
from leads.tasks import resume_list_imports
from local import environment
from local.demo_data import write_demo_files
from tests.factories import OwnerFactory, ParcelFactory, ParishFactory, UserFactory

RECORDS = (Parcel, Owner, Ownership, PhoneNumber, OwnerPhone, Lead, Event)
HISTORIES = tuple(model.history.model for model in (Parcel, Owner, Ownership, PhoneNumber, OwnerPhone, Lead))
SOURCES = ("tax_roll", "adjudicated", "delinquent", "skip_trace", "gis")
KANAWHA = environment.PROJECT_DIR.parent / "shared/data/kanawha_wv_delinquent_2022.csv"


class WorkerDiedError(Exception):
    """As if the worker had died: nobody catches it."""


@pytest.fixture
def demo_files(tmp_path):
    files = write_demo_files(tmp_path / "demo", 400)
    return dict(
        zip(SOURCES, (files.roll, files.adjudicated, files.delinquent, files.skip_trace, files.gis), strict=True)
    )


def contents():
    """Every row of every record and history table."""
    found = {}
    with connection.cursor() as cursor:
        for model in (*RECORDS, *HISTORIES):
            cursor.execute(f"SELECT t.* FROM {model._meta.db_table} t ORDER BY 1")
            found[model._meta.db_table] = cursor.fetchall()
    return found


def same_files_kept_out(before, after):
    """`ListImported` events tell of each run; everything else is equal."""
    kinds = Event._meta.db_table
    return {name: rows for name, rows in before.items() if name != kinds} == {
        name: rows for name, rows in after.items() if name != kinds
    }


# the same list again


def test_the_same_lists_again_change_nothing(import_list, demo_files):
    for source, path in demo_files.items():
        first = import_list(path, source=source)["summary"]
        before, events = contents(), Event.objects.exclude(kind="ListImported").count()

        again = import_list(path, source=source)["summary"]

        assert first["created"] + first["updated"] > 0
        assert (again["created"], again["updated"], again["rejected"]) == (0, 0, first["rejected"])
        assert same_files_kept_out(before, contents())
        assert Event.objects.exclude(kind="ListImported").count() == events


def test_what_an_import_does_is_in_the_history_and_on_the_timeline(import_list, a_list):
    import_list(a_list("001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,225-344-1234,2.5,12000"))
    import_list(a_list("001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,225-344-1234,3.5,12000"))

    parcel = Parcel.objects.get()
    assert [str(row.acres) for row in parcel.history.order_by("history_id")] == ["2.5000", "3.5000"]
    assert [row.history_type for row in parcel.history.order_by("history_id")] == ["+", "~"]
    assert list(Lead.objects.get().events.values_list("kind", flat=True)) == ["LeadCreated"]
    updated = ImportRow.objects.get(outcome="updated")
    assert updated.before == {"acres": 2.5}


# every row is accounted for


def dirty_row(random_, number):
    """A row with anything that lists hold, readable or not."""
    cell = random_.choice
    row = [
        cell([f"{number:04d}", f"{number:04d}", f" {number:04d} ", f"{number // 2:04d}", "", "nan"]),
        cell(["BOUDREAUX JEAN", "Hébert, Ann", "", "nan", "ACME LAND LLC", "CITY OF BATON ROUGE"]),
        cell(["1 OAK ST", "", "PO BOX 7"]),
        cell(["HOUSTON", "BATON ROUGE", ""]),
        cell(["TX", "LA", "Louisiana", "Q"]),
        cell(["77002", "70810.0", "7081", "", "70810-1234"]),
        cell(["225-344-1234", "555-555-5555", "x", "225 344 1234 / 225 344 9999", "225-344-1234 ext 5", ""]),
        cell(["2.5", "-1", "1e9", "nan", "", "0", "1,250.75"]),
        cell(["$12,000", "", "-5", "twelve", "0"]),
    ]
    return ",".join(f'"{value}"' for value in row[: cell([9, 9, 9, 4])]) + cell(["", "", "", ',"more"'])


@pytest.mark.parametrize("seed", range(5))
def test_every_row_of_a_dirty_list_is_accounted_for(import_list, a_list, seed):
    random_ = random.Random(seed)
    rows = [dirty_row(random_, number) for number in range(1, 200)]

    done = import_list(a_list(*rows, name=f"dirty{seed}.csv"))["summary"]

    assert done["rows"] == len(rows)
    assert done["created"] + done["updated"] + done["unchanged"] + done["rejected"] == len(rows)
    assert ImportRow.objects.filter(outcome="rejected").exclude(reason="").count() == done["rejected"]
    assert ImportRow.objects.filter(outcome="created").count() == done["created"]
    assert Parcel.objects.count() == done["created"]
    assert not Parcel.objects.filter(number__in=["", "nan"]).exists()


# stopped half-way


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_half_way_is_taken_over_without_a_second_copy(import_list, demo_files, parish):
    whole = import_list(demo_files["tax_roll"])
    expected = {model: model.objects.count() for model in RECORDS}
    outcomes = whole["summary"]
    list_import = _forget_everything(whole["list_import"])

    def die(read, total):
        if read >= 150:
            raise WorkerDiedError

    with pytest.raises(WorkerDiedError):
        run_import(list_import.pk, progress=die, chunk_rows=50)
    list_import.refresh_from_db()
    assert (list_import.status, list_import.rows_read) == ("running", 150)

    ListImport.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=10))
    resume_list_imports()
    run_import(list_import.pk)

    list_import.refresh_from_db()
    assert list_import.status == "done"
    assert [list_import.rows_created, list_import.rows_unchanged, list_import.rows_rejected] == [
        outcomes["created"],
        outcomes["unchanged"],
        outcomes["rejected"],
    ]
    assert {model: model.objects.count() for model in RECORDS} == expected


def _forget_everything(pk):
    """Empties the records and puts the import back into the queue."""
    tables = ", ".join(model._meta.db_table for model in (*RECORDS, *HISTORIES, ImportRow))
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
    none = dict.fromkeys(("rows_read", "rows_created", "rows_updated", "rows_unchanged", "rows_rejected"), 0)
    ListImport.objects.filter(pk=pk).update(status="queued", started_at=None, finished_at=None, attempts=0, **none)
    return ListImport.objects.get(pk=pk)


@pytest.mark.django_db(transaction=True)
def test_a_living_worker_is_not_disturbed(import_list, a_list):
    pk = import_list(a_list("001,BOUDREAUX JEAN,,,,,,2.5,"))["list_import"]
    ListImport.objects.filter(pk=pk).update(status="running", heartbeat_at=timezone.now())

    assert run_import(pk) is None


# what the words mean (the predecessor's faults among them)


def imported(import_list, a_list, row, **options):
    import_list(a_list(row), **options)
    return Parcel.objects.select_related("parish").get()


def test_figures_and_places_are_read_as_people_mean_them(import_list, a_list):
    row = 'A-1,"Thériot, Marie",12 Oak St.,HOUSTON,tx,70810.0,(225) 344-1234,"1,250.75","$12,000.00"'
    parcel = imported(import_list, a_list, row)
    owner = Owner.objects.get()

    assert (str(parcel.acres), str(parcel.land_value)) == ("1250.7500", "12000.00")
    assert (owner.name_key, owner.mailing_state, owner.mailing_zip) == ("THERIOT MARIE", "TX", "70810")
    assert PhoneNumber.objects.get().number == "+12253441234"
    assert parcel.situs_address == ""


@pytest.mark.parametrize("blank", ["", "nan", "NaN", "none", "N/A", "-"])
def test_a_blank_situs_stays_blank(import_list, a_list, blank):
    header = "parcel_number,owner_name,situs_address,acreage"
    import_list(a_list(f"001,BOUDREAUX JEAN,{blank},{blank}", header=header))

    parcel = Parcel.objects.get()
    assert (parcel.situs_address, parcel.acres) == ("", None)


def test_latin_1_is_read(import_list, a_list):
    import_list(a_list("001,HÉBERT ANDRÉ,,,,,,2.5,", encoding="latin-1"))

    assert Owner.objects.get().name == "HÉBERT ANDRÉ"


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
def test_every_delimiter_is_found(import_list, a_list, delimiter):
    row = delimiter.join(["001", "BOUDREAUX JEAN", "2.5"])
    import_list(a_list(row, header=delimiter.join(["parcel_number", "owner_name", "acreage"])))

    assert str(Parcel.objects.get().acres) == "2.5000"


def test_the_same_number_in_two_parishes_is_two_parcels(import_list, a_list, market):
    ParishFactory(market=market, name="Jefferson")
    ParishFactory(market=market, name="Jefferson Davis")
    row = "001,BOUDREAUX JEAN,,,,,,2.5,"

    import_list(a_list(row), parish="Jefferson")
    import_list(a_list(row), parish="jefferson davis parish")

    assert set(Parcel.objects.values_list("parish__name", "number")) == {
        ("Jefferson", "001"),
        ("Jefferson Davis", "001"),
    }


def test_an_email_column_is_not_taken_for_the_mailing_address(import_list, a_list):
    header = "parcel_number,owner_name,email_address"
    import_list(a_list("001,BOUDREAUX JEAN,jean@example.com", header=header))

    owner = Owner.objects.get()
    assert (owner.mailing_street, owner.email) == ("", "jean@example.com")


def test_two_owners_may_share_a_number_and_one_may_have_several(import_list, a_list):
    first, second = "001,BOUDREAUX JEAN,,,,,225-344-1234,1,", "002,HEBERT ANN,,,,,225-344-1234 / 225-344-9999,1,"
    import_list(a_list(first, second))

    assert PhoneNumber.objects.count() == 2
    assert sorted(OwnerPhone.objects.values_list("owner__name", flat=True)) == [
        "BOUDREAUX JEAN",
        "HEBERT ANN",
        "HEBERT ANN",
    ]


def test_a_list_that_names_another_owner_ends_one_ownership_and_opens_the_next(import_list, a_list):
    import_list(a_list("001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,,2.5,"))
    import_list(a_list("001,MOUTON CLAIRE,9 ELM ST,AUSTIN,TX,78701,,2.5,", name="next.csv"))

    former, present = Ownership.objects.order_by("pk")
    assert (former.owner.name, former.until is None) == ("BOUDREAUX JEAN", False)
    assert (present.owner.name, present.until) == ("MOUTON CLAIRE", None)
    assert Event.objects.filter(kind="OwnerChanged").exists()


# what people have done stays


def test_a_persons_correction_is_not_overwritten(import_list, a_list):
    row = "001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,,2.5,12000"
    import_list(a_list(row))
    parcel = Parcel.objects.get()
    parcel._history_user = UserFactory()
    parcel.acres = Decimal("4")
    parcel.save()

    done = import_list(a_list(row))["summary"]

    parcel.refresh_from_db()
    assert (str(parcel.acres), done["updated"]) == ("4.0000", 0)


def test_a_stage_stays_where_it_is(import_list, a_list):
    row = "001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,,2.5,12000"
    import_list(a_list(row))
    for stage in ("qualified", "contacted", "dead"):
        assert move_lead(Lead.objects.get(), stage, by=None, reason="")

    import_list(a_list(row.replace("2.5", "3.5")))

    assert Lead.objects.get().stage == "dead"


def test_a_number_that_ended_is_not_linked_again_by_the_same_list(import_list, a_list):
    row = "001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,225-344-1234,2.5,12000"
    import_list(a_list(row))
    assert not end_number(OwnerPhone.objects.get(), why="disconnected", by=None).code

    import_list(a_list(row))

    assert not OwnerPhone.objects.current().exists()


def test_a_skip_trace_of_a_former_owner_adds_no_number(import_list, a_list, parish):
    parcel = ParcelFactory(parish=parish, number="001")
    Ownership.objects.create(parcel=parcel, owner=OwnerFactory(name="MOUTON"), since=timezone.now(), source="test")
    header = "parcel_number,owner_name,Phone 1"

    done = import_list(a_list("001,BOUDREAUX JEAN,225-344-1234", header=header), source="skip_trace")

    assert done["reasons"][0]["reason"] == "the parcel now has another owner than the row says"
    assert not PhoneNumber.objects.exists()


def test_a_skip_trace_row_for_an_unknown_parcel_is_rejected(import_list, a_list, parish):
    parcel = ParcelFactory(parish=parish, number="001")
    Ownership.objects.create(
        parcel=parcel, owner=OwnerFactory(name="BOUDREAUX JEAN"), since=timezone.now(), source="test"
    )
    header = "parcel_number,owner_name,Phone 1,Phone 1 Type,Phone 1 DNC"
    rows = ("001,BOUDREAUX JEAN,225-344-1234,Mobile,N", "999,NOBODY,225-344-9999,Mobile,N")

    done = import_list(a_list(*rows, header=header), source="skip_trace")["summary"]

    assert (done["updated"] + done["created"], done["rejected"]) == (1, 1)
    assert PhoneNumber.objects.get().number == "+12253441234"


# from the outside


def test_a_preview_shows_the_rows_and_writes_nothing(import_list, a_list):
    shown = import_list(a_list("001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,225-344-1234,2.5,12000"), preview=True)

    assert {found["field"]: found["column"] for found in shown["mapping"]}["number"] == "parcel_number"
    assert shown["rows"][0]["owner_name"] == "BOUDREAUX JEAN"
    assert "344" not in str(shown["rows"])
    assert not Parcel.objects.exists()
    assert not ListImport.objects.exists()


@pytest.mark.skipif(not KANAWHA.is_file(), reason="the county list is not beside the project")
def test_a_real_county_list_goes_in_whole(import_list, market):
    ParishFactory(market=market, name="Kanawha")

    done = import_list(KANAWHA, parish="Kanawha", source="delinquent")["summary"]

    assert (done["rows"], done["created"], done["rejected"]) == (1535, 1535, 0)
    assert Parcel.objects.filter(acres__isnull=False, land_value__isnull=False).count() > 1400
    assert import_list(KANAWHA, parish="Kanawha", source="delinquent")["summary"]["unchanged"] == 1535
