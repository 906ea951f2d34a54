"""The page of what a roll changed: kinds, pages, file, and who may see it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from leads.models import ListImport, RollChange
from tests.factories import LeadFactory, ParcelFactory, ParishFactory, UserFactory

pytestmark = pytest.mark.django_db


def a_roll(**fields):
    parish = ParishFactory()
    values = {"market": parish.market, "parish": parish, "source": "tax_roll", "status": "done",
              "finished_at": timezone.now()}  # fmt: skip
    return ListImport.objects.create(**values | fields)


@pytest.fixture
def roll():
    return a_roll(filename="2026.csv", last_roll=a_roll(filename="2025.csv"))


def changed(roll, kind="value", **fields):
    values = {"before": "land $1,000", "after": "land $2,000", "created_at": timezone.now()} | fields
    return RollChange.objects.create(list_import=roll, parcel=ParcelFactory(), kind=kind, **values)


def page_of(roll, query=""):
    return reverse("admin:leads_listimport_changes", args=[roll.pk]) + query


def test_kinds_are_counted_and_shown_one_by_one(client, person, roll):
    person("rep")
    value, gone = changed(roll), changed(roll, "vanished", before="last listed May 2, 2025", after="")

    everything = client.get(page_of(roll)).content.decode()
    assert "Compared with 2025.csv" in everything
    assert value.parcel.number in everything
    assert gone.parcel.number in everything

    values = client.get(page_of(roll, "?kind=value")).content.decode()
    assert "land $2,000" in values
    assert gone.parcel.number not in values


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number_of_changes(
    client, person, roll, count, warmed, django_assert_num_queries
):
    person("manager")
    for _ in range(count):
        changed(roll)
    warmed(page_of(roll))

    with django_assert_num_queries(7):
        client.get(page_of(roll))


def test_a_long_list_is_paged_and_downloaded_as_a_whole(client, person, roll, monkeypatch):
    monkeypatch.setattr("leads.admin.roll_changes.PAGE", 2)
    person("manager")
    first, second, third = (changed(roll, before=f"land ${n}") for n in range(3))

    page = client.get(page_of(roll)).content.decode()
    assert third.parcel.number not in page
    assert f"after={second.pk}" in page
    assert third.parcel.number in client.get(page_of(roll, f"?after={second.pk}")).content.decode()

    file = client.get(reverse("admin:leads_listimport_changes_file", args=[roll.pk]))
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "change,parcel,before,after"
    assert {line.split(",")[1] for line in lines[1:]} == {c.parcel.number for c in (first, second, third)}


@pytest.mark.parametrize("query", ["?kind=nonsense", "?after=x", "?after=-1", "?kind=owner"])
def test_a_page_that_nobody_linked_to_is_still_a_page(client, person, roll, query):
    person("rep")
    changed(roll)
    assert client.get(page_of(roll, query)).status_code == 200


def test_a_first_roll_says_what_will_be_compared(client, person):
    person("rep")
    assert "nothing to compare it with" in client.get(page_of(a_roll())).content.decode()


def test_a_part_of_a_roll_says_so(client, person, roll):
    person("rep")
    ListImport.objects.filter(pk=roll.pk).update(is_part=True, parcels_missing=31_000)

    page = client.get(reverse("admin:leads_listimport_change", args=[roll.pk])).content.decode()

    assert "31,000 parcels of earlier rolls are not on this one" in page


def test_outsiders_see_nothing(client, roll):
    client.force_login(UserFactory(is_staff=True))
    assert client.get(page_of(roll)).status_code == 403
    assert client.get(reverse("admin:leads_listimport_changes_file", args=[roll.pk])).status_code == 403


def test_leads_are_found_by_what_a_roll_said_of_their_land(client, person, roll):
    person("rep")
    news, other = LeadFactory(), LeadFactory()
    RollChange.objects.create(list_import=roll, parcel=news.parcel, kind="delinquent", created_at=timezone.now())

    page = client.get(reverse("admin:leads_lead_changelist"), {"roll_change": "delinquent"}).content.decode()

    assert news.owner.name in page
    assert other.owner.name not in page
