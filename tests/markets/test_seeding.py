import pytest

from markets.models import ContactRule, Market, Parish
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


def test_jefferson_is_not_jefferson_davis():
    seed_reference_data()
    louisiana = Market.objects.by_code("LA")

    assert Parish.objects.named(louisiana, "jefferson parish").name == "Jefferson"
    assert Parish.objects.named(louisiana, "Jefferson Davis").name == "Jefferson Davis"
    assert Parish.objects.named(louisiana, "Jeff") is None
