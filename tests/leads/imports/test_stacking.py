"""List stacking: which lists a parcel is on, since when and when last; what the list of leads is narrowed by."""

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from leads.models import Lead, Parcel, ParcelList
from tests.factories import LeadFactory
from tests.leads.imports.test_undo import undo

ROLL = ("001,BOUDREAUX JEAN,,,,,,,", "002,HEBERT ANN,,,,,,,", "003,LEE SUE,,,,,,,")
CONTACTS = "parcel_number,phone_1"


@pytest.fixture
def lists(import_list, a_list):
    """001 on three lists, 002 on two, 003 on one."""
    with time_machine.travel("2026-03-03 12:00Z"):
        import_list(a_list(*ROLL))
    with time_machine.travel("2026-05-05 12:00Z"):
        import_list(a_list("001", "002", header="parcel_number", name="adj.csv"), source="adjudicated")
        import_list(a_list("001", header="parcel_number", name="del.csv"), source="delinquent")


def on(number):
    found = ParcelList.objects.of_parcel(Parcel.objects.get(number=number))
    return [(entry.source, f"{entry.first_seen:%m-%d}", f"{entry.last_seen:%m-%d}") for entry in found]


def test_a_parcel_is_on_the_lists_that_name_it(lists):
    assert on("001") == [
        ("tax_roll", "03-03", "03-03"),
        ("adjudicated", "05-05", "05-05"),
        ("delinquent", "05-05", "05-05"),
    ]
    assert on("003") == [("tax_roll", "03-03", "03-03")]


def test_the_list_of_next_year_moves_the_last_day_alone(lists, import_list, a_list):
    with time_machine.travel("2026-11-11 12:00Z"):
        import_list(a_list(*ROLL[:2]))

    assert on("001")[0] == ("tax_roll", "03-03", "11-11")
    assert on("003") == [("tax_roll", "03-03", "03-03")]


def test_several_rows_of_a_parcel_are_one_list(lists, import_list, a_list):
    rows = ("001,225-344-1234", "001,225-344-9999", "009,225-344-1111")

    import_list(a_list(*rows, header=CONTACTS, name="skip.csv"), source="skip_trace")

    assert [source for source, _, _ in on("001")].count("skip_trace") == 1
    assert ParcelList.objects.filter(source="skip_trace").count() == 1


def test_a_parcel_that_goes_takes_its_lists_with_it(lists):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM leads_parcellist WHERE parcel_id NOT IN (SELECT id FROM leads_parcel)")
        assert cursor.rowcount == 0
    parcel = Parcel.objects.create(number="009", parish=Parcel.objects.first().parish)
    entry = ParcelList.objects.first()
    ParcelList.objects.create(
        parcel=parcel,
        source="gis",
        first_seen=entry.first_seen,
        last_seen=entry.last_seen,
        list_import=entry.list_import,
    )
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM leads_parcel WHERE number = '009'")

    assert not ParcelList.objects.filter(source="gis").exists()


def test_a_list_that_is_undone_unstacks_what_it_alone_named(lists, import_list, a_list):
    with time_machine.travel("2026-11-11 12:00Z"):
        again = import_list(a_list("001", "003", header="parcel_number", name="adj2.csv"), source="adjudicated")
    assert len(on("003")) == 2

    undo(again)

    assert [source for source, _, _ in on("003")] == ["tax_roll"]
    assert [source for source, _, _ in on("001")].count("adjudicated") == 1


def test_leads_by_their_lists(lists):
    def numbers(leads):
        return sorted(leads.values_list("parcel__number", flat=True))

    assert numbers(Lead.objects.on_lists(2)) == ["001", "002"]
    assert numbers(Lead.objects.on_lists(3)) == ["001"]
    assert numbers(Lead.objects.on_all_lists(("adjudicated", "delinquent"))) == ["001"]
    assert numbers(Lead.objects.on_list("adjudicated")) == ["001", "002"]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("lists=2", {"001", "002"}),
        ("lists=3", {"001"}),
        ("lists=distress", {"001"}),
        ("on_list=adjudicated", {"001", "002"}),
        ("lists=x", {"001", "002", "003"}),
        ("on_list=x", {"001", "002", "003"}),
    ],
)
def test_the_list_of_leads_is_narrowed_by_lists(lists, client, person, asked, shown):
    person("rep")

    page = client.get(f"{reverse('admin:leads_lead_changelist')}?{asked}")

    assert {lead.parcel.number for lead in page.context["cl"].result_list} == shown


def test_lead_and_parcel_say_on_which_lists_they_are(lists, client, person):
    person("rep")
    lead = Lead.objects.get(parcel__number="001")

    on_lead = client.get(lead.get_absolute_url()).content.decode()
    on_parcel = client.get(lead.parcel.get_absolute_url()).content.decode()

    assert "On 3 lists" in on_lead
    assert "Adjudicated list since May 5, 2026" in on_lead
    assert "On 3 lists: Tax roll since Mar 3, 2026, Adjudicated list since May 5, 2026" in on_parcel


@pytest.mark.django_db
def test_a_parcel_entered_by_hand_says_so(client, person):
    person("rep")
    lead = LeadFactory()

    assert "entered by hand" in client.get(lead.get_absolute_url()).content.decode()
    assert "On no list yet." in client.get(lead.parcel.get_absolute_url()).content.decode()
