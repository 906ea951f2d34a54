import pytest

from markets.models import ContactRule, Holiday, Market, Parish
from markets.seed_holidays import HOLIDAYS
from markets.seeding import seed_reference_data

pytestmark = pytest.mark.django_db


def test_it_writes_louisiana_and_another_state_with_their_parishes():
    seed_reference_data()

    assert Market.objects.codes() == ["LA", "WV"]
    louisiana = Market.objects.by_code("la")
    assert "East Baton Rouge" in Parish.objects.names_in(louisiana)


def test_a_second_run_changes_nothing_a_person_has_edited():
    seed_reference_data()
    rule = ContactRule.objects.get(state="LA")
    rule.verified = True
    rule.save()

    assert seed_reference_data() == {"markets": 0, "contact rules": 0, "holidays": 0}
    rule.refresh_from_db()
    assert rule.verified


def test_each_row_has_its_beginning_in_its_history():
    counts = seed_reference_data()

    for model, written in ((Market, "markets"), (ContactRule, "contact rules"), (Holiday, "holidays"), (Parish, None)):
        records = list(model.history.values_list("id", "history_type"))
        assert sorted(records) == sorted((row.pk, "+") for row in model.objects.all())
        assert written is None or len(records) == counts[written]


def test_only_what_is_missing_is_written():
    seed_reference_data()
    ContactRule.objects.get(state="LA").delete()
    Holiday.objects.earliest("date").delete()

    assert seed_reference_data() == {"markets": 0, "contact rules": 1, "holidays": 1}


LOUISIANA_2026 = """
01-01 01-08 01-19 02-16 02-17 04-03 05-25 06-19 07-03 07-04 08-30 09-07 10-12 11-01 11-03 11-11 11-26 11-27 12-25
"""
FEDERAL_2028 = "01-01 01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-11 11-23 12-25"
ALABAMA_2028 = f"{FEDERAL_2028} 02-29 04-24 06-05"


@pytest.mark.parametrize(
    ("state", "year", "days"), [("LA", 2026, LOUISIANA_2026), ("US", 2028, FEDERAL_2028), ("AL", 2028, ALABAMA_2028)]
)
def test_the_holidays_of_a_year(state, year, days):
    listed = {holiday.day for holiday in HOLIDAYS if holiday.state == state and holiday.day.year == year}
    assert {f"{day:%m-%d}" for day in listed} == set(days.split())


def test_holidays_are_listed_for_years_to_come_with_their_source():
    seed_reference_data()
    assert Holiday.objects.get(state="LA", date="2031-02-25").name == "Mardi Gras"
    assert not Holiday.objects.filter(source="").exists()


def test_jefferson_is_not_jefferson_davis():
    seed_reference_data()
    louisiana = Market.objects.by_code("LA")

    assert Parish.objects.named(louisiana, "jefferson parish").name == "Jefferson"
    assert Parish.objects.named(louisiana, "Jefferson Davis").name == "Jefferson Davis"
    assert Parish.objects.named(louisiana, "Jeff") is None
