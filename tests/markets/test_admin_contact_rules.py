"""Rules and markets' hours in the admin: a manager narrows them, an administrator alone widens them."""

import pytest
from django.urls import reverse

from markets.models import ContactRule, Holiday, Market
from markets.seeding import seed_reference_data
from tests.admin_forms import form_values
from tests.factories import MarketFactory

pytestmark = pytest.mark.django_db
ADD = reverse("admin:markets_contactrule_add")
LIST = reverse("admin:markets_contactrule_changelist")
NEW = {"name": "Georgia", "state": "GA", "start": "09:00", "end": "20:00", "saturday": "on", "source": "O.C.G.A."}


def page_of(record):
    return reverse(f"admin:markets_{record._meta.model_name}_change", args=[record.pk])


def errors(response):
    return " ".join(str(error) for error in response.context["errors"])


@pytest.fixture
def rule():
    return ContactRule.objects.create(
        state="ZZ", name="Zeta", start="08:00", end="20:00", sunday=False, source="Statute 1"
    )


def test_a_manager_narrows_a_rule_and_may_not_widen_it(client, person, rule):
    person("manager")
    values = form_values(client.get(page_of(rule)))

    refused = client.post(page_of(rule), values | {"end": "21:00", "sunday": "on"})
    assert "This would allow more than before: contact until 21:00 instead of 20:00; contact on Sunday" in errors(
        refused
    )
    assert str(ContactRule.objects.get().end) == "20:00:00"

    client.post(page_of(rule), values | {"end": "18:00"})
    assert str(ContactRule.objects.get().end) == "18:00:00"


def test_a_manager_may_not_widen_a_rule_by_putting_an_earlier_version_back(client, person, rule):
    rule.end = "18:00"
    rule.save()
    person("manager")
    wider = rule.history.order_by("history_id").first()
    url = reverse("admin:markets_contactrule_simple_history", args=[rule.pk, wider.pk])

    response = client.post(url, form_values(client.get(url)), follow=True)

    assert "contact until 20:00 instead of 18:00" in response.content.decode()
    assert str(ContactRule.objects.get().end) == "18:00:00"
    person("administrator")
    client.post(url, form_values(client.get(url)))
    assert str(ContactRule.objects.get().end) == "20:00:00"


def test_an_administrator_widens_a_rule_and_marks_it_verified(client, person, rule):
    user = person("administrator")
    values = form_values(client.get(page_of(rule)))

    client.post(page_of(rule), values | {"end": "21:00", "verified": "on"})

    changed = ContactRule.objects.get()
    assert (str(changed.end), changed.verified) == ("21:00:00", True)
    assert changed.history.first().history_user == user


@pytest.mark.parametrize("role", ["manager", "administrator"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start": "20:00"}, "Contact must start before it ends."),
        ({"sunday": "on", "sunday_start": "20:00"}, "Contact on Sundays must start before it ends."),
    ],
)
def test_hours_that_end_before_they_start_are_refused(client, person, rule, role, change, said):
    person(role)
    values = form_values(client.get(page_of(rule)))

    assert said in errors(client.post(page_of(rule), values | change))
    assert rule.history.count() == 1


def test_a_rule_for_a_state_without_one_is_held_against_the_rule_for_any_state(client, person):
    seed_reference_data()
    before = ContactRule.objects.count()
    person("manager")

    earlier = client.post(ADD, NEW | {"start": "08:00"})
    assert "contact from 08:00 instead of 09:00; contact on holidays" in errors(earlier)
    unlisted = client.post(ADD, NEW | {"closed_on_holidays": "on"})
    assert "as no holiday is listed for GA" in errors(unlisted)
    assert ContactRule.objects.count() == before

    Holiday.objects.create(state="GA", date="2027-04-16", name="State holiday")
    assert client.post(ADD, NEW | {"closed_on_holidays": "on"}).status_code == 302
    assert ContactRule.objects.count() == before + 1


@pytest.mark.parametrize("state", ["ga", "G", "1A", "**"])
def test_a_rule_for_no_state_is_refused(client, person, state):
    person("administrator")

    assert "postal code" in errors(client.post(ADD, NEW | {"state": state}))
    assert not ContactRule.objects.exists()


def test_a_rule_that_nobody_has_verified_says_so(client, person, rule):
    person("rep")

    assert "Not verified" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"contact_start": "08:00"}, "contact from 08:00 instead of 09:00"),
        ({"contact_end": "20:00"}, "contact until 20:00 instead of 19:00"),
        ({"contacts_sunday": "on"}, "contact on Sunday"),
        ({"timezone": "America/New_York"}, "no longer counting hours in America/Chicago"),
        ({"state": "TX"}, "the rules of TX instead of those of LA"),
    ],
)
def test_a_manager_may_not_widen_a_markets_hours_and_an_administrator_may(client, person, change, said):
    market = MarketFactory()
    person("manager")
    values = form_values(client.get(page_of(market)))
    name = next(iter(change))

    refused = client.post(page_of(market), values | change)
    assert said in errors(refused)
    assert market.history.count() == 1

    person("administrator")
    values = form_values(client.get(page_of(market)))
    assert client.post(page_of(market), values | change).status_code == 302
    assert getattr(Market.objects.get(), name) != getattr(market, name)


def test_a_manager_narrows_a_markets_hours(client, person):
    market = MarketFactory()
    person("manager")
    values = form_values(client.get(page_of(market))) | {"contact_start": "10:00", "daily_text_cap": "200"}

    assert client.post(page_of(market), values).status_code == 302
    changed = Market.objects.get()
    assert (str(changed.contact_start), changed.daily_text_cap) == ("10:00:00", 200)


@pytest.mark.parametrize(("role", "may"), [("manager", False), ("administrator", True)])
def test_a_manager_adds_a_holiday_and_only_an_administrator_moves_or_deletes_it(client, person, role, may):
    person(role)
    posted = {
        "name": "Ball",
        "date": "2027-02-08",
        "state": "LA",
        "source": "the governor's order",
        "change_reason": "x",
    }
    assert client.post(reverse("admin:markets_holiday_add"), posted).status_code == 302
    holiday = Holiday.objects.get()
    assert holiday.source == "the governor's order"

    client.post(page_of(holiday), posted | {"date": "2027-02-09"})
    client.post(reverse("admin:markets_holiday_delete", args=[holiday.pk]), {"post": "yes"})

    assert Holiday.objects.exists() is not may
    assert Holiday.history.filter(date="2027-02-09", history_type="~").exists() is may
