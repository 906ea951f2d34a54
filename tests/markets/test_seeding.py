import pytest

from markets.models import ContactRule, Holiday, Market, Parish
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


def test_jefferson_is_not_jefferson_davis():
    seed_reference_data()
    louisiana = Market.objects.by_code("LA")

    assert Parish.objects.named(louisiana, "jefferson parish").name == "Jefferson"
    assert Parish.objects.named(louisiana, "Jefferson Davis").name == "Jefferson Davis"
    assert Parish.objects.named(louisiana, "Jeff") is None
