"""Markets, contact rules, holidays and emergency holds in the admin: who may change what; it is used at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from markets.models import ContactRule, EmergencyHold, Holiday, Market, Parish
from markets.seeding import seed_reference_data
from scoring.profiles import active_profile
from tests.admin_forms import form_values
from tests.factories import MarketFactory, ParishFactory, UserFactory

pytestmark = pytest.mark.django_db
MODELS = ("market", "contactrule", "holiday", "emergencyhold")


def add(model):
    return reverse(f"admin:markets_{model}_add")


def list_of(model):
    return reverse(f"admin:markets_{model}_changelist")


def page_of(record):
    return reverse(f"admin:markets_{record._meta.model_name}_change", args=[record.pk])


def errors(response):
    return " ".join(str(error) for error in response.context["errors"])


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


@pytest.fixture
def rule():
    return ContactRule.objects.create(
        state="ZZ", name="Zeta", start="08:00", end="20:00", sunday=False, source="Statute 1"
    )


def make(model, number):
    if model == "market":
        return ParishFactory().market
    if model == "contactrule":
        return ContactRule.objects.create(state=f"Z{number}", name=f"Z{number}", start="08:00", end="20:00", source="x")
    if model == "holiday":
        return Holiday.objects.create(date=f"2027-01-0{number + 1}", name="Day")
    return EmergencyHold.objects.create(state="LA", starts_at=timezone.now(), reason="Hurricane")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_the_same_queries_for_any_number_of_rows(
    client, person, warmed, model, count, django_assert_num_queries
):
    person("manager")
    for number in range(count):
        make(model, number)
    warmed(list_of(model))

    with django_assert_num_queries(7):
        response = client.get(list_of(model))

    assert len(response.context["cl"].result_list) == count


@pytest.mark.parametrize("model", MODELS)
def test_a_rep_looks_and_changes_nothing(client, person, model):
    person("rep")
    record = make(model, 1)

    assert client.get(list_of(model)).status_code == 200
    assert client.get(page_of(record)).status_code == 200
    assert client.post(page_of(record), {}).status_code == 403
    assert client.get(add(model)).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_a_person_without_a_role_sees_nothing(client, model):
    client.force_login(UserFactory())

    assert client.get(list_of(model)).status_code == 403


# a third market


def test_a_new_market_is_used_at_once(client, person):
    seed_reference_data()
    user = person("manager")
    values = form_values(client.get(add("market")))
    texas = values | {
        "name": "Texas",
        "code": "TX",
        "state": "TX",
        "company_name": "LA Land Wholesale",
        "agent_name": "Sam",
        "parishes-TOTAL_FORMS": "1",
        "parishes-0-name": "Harris",
        "parishes-0-active": "on",
    }

    response = client.post(add("market"), texas)

    assert response.status_code == 302, errors(response)
    market = Market.objects.by_code("tx")
    assert market.history.get().history_user == user
    assert "Harris" in client.get(reverse("admin:leads_listimport_add")).content.decode()
    assert active_profile(market).version == 1
    assert Market.objects.count() == 3


def test_two_parishes_of_one_name_are_refused(client, person):
    person("manager")
    market = ParishFactory(name="Caddo").market
    values = form_values(client.get(page_of(market)))

    response = client.post(
        page_of(market),
        values | {"parishes-TOTAL_FORMS": "2", "parishes-1-name": "caddo", "parishes-1-market": market.pk},
    )

    assert response.status_code == 200
    assert Parish.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"timezone": "America/Baton_Rouge"}, "not a known time zone"),
        ({"contact_start": "20:00", "contact_end": "09:00"}, "market_hours_in_order"),
        ({"contact_score": "70", "hot_score": "65"}, "market_scores_in_order"),
        ({"state": "Louisiana"}, "2 characters"),
    ],
)
def test_a_market_that_makes_no_sense_is_refused_in_the_form(client, person, change, said):
    person("manager")
    market = MarketFactory(timezone="America/Chicago")
    values = form_values(client.get(page_of(market)))

    response = client.post(page_of(market), values | change)

    assert said in errors(response)
    assert Market.objects.get().timezone == "America/Chicago"


def test_only_an_administrator_allows_texts_without_consent_and_says_why(client, person):
    market = MarketFactory()
    allowed = {"allows_texts_without_consent": "on", "texts_without_consent_reason": "Counsel agreed on May 3"}
    person("manager")
    client.post(page_of(market), form_values(client.get(page_of(market))) | allowed)
    assert not Market.objects.get().allows_texts_without_consent

    person("administrator")
    values = form_values(client.get(page_of(market)))
    silent = client.post(page_of(market), values | {"allows_texts_without_consent": "on"})
    assert "Say why" in errors(silent)
    client.post(page_of(market), values | allowed)

    assert Market.objects.get().allows_texts_without_consent


def test_a_market_is_paused_with_a_reason_and_goes_on(client, person):
    user = person("manager")
    market = MarketFactory(name="Louisiana")
    pause, resume = (reverse(f"admin:markets_market_{step}", args=[market.pk]) for step in ("pause", "resume"))

    assert "Say why" in said(client.post(pause, {"reason": " "}, follow=True))
    assert Market.objects.get().paused_at is None
    assert "Louisiana is paused" in said(client.post(pause, {"reason": "Wrong wording"}, follow=True))
    paused = Market.objects.get()
    assert (paused.pause_reason, paused.history.first().history_user) == ("Wrong wording", user)
    assert "paused already" in said(client.post(pause, {"reason": "Again"}, follow=True))
    assert "goes on" in said(client.post(resume, follow=True))
    assert Market.objects.get().paused_at is None
    assert "is not paused" in said(client.post(resume, follow=True))


def test_a_rep_pauses_nothing(client, person):
    person("rep")
    market = MarketFactory()

    assert client.post(reverse("admin:markets_market_pause", args=[market.pk]), {"reason": "x"}).status_code == 403
    assert Market.objects.get().paused_at is None


# contact rules


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


def test_an_administrator_widens_a_rule_and_marks_it_verified(client, person, rule):
    user = person("administrator")
    values = form_values(client.get(page_of(rule)))

    client.post(page_of(rule), values | {"end": "21:00", "verified": "on"})

    changed = ContactRule.objects.get()
    assert (str(changed.end), changed.verified) == ("21:00:00", True)
    assert changed.history.first().history_user == user


def test_a_rule_that_nobody_has_verified_says_so(client, person, rule):
    person("rep")

    assert "Not verified" in client.get(list_of("contactrule")).content.decode()


# emergency holds


def test_a_hold_is_on_at_once_and_is_ended_by_a_button(client, person):
    user = person("manager")
    now = datetime.now(UTC)
    values = form_values(client.get(add("emergencyhold"))) | {"state": "LA", "reason": "Hurricane"}

    assert client.post(add("emergencyhold"), values).status_code == 302
    hold = EmergencyHold.objects.get()
    assert (hold.created_by, hold.ends_at) == (user, None)
    assert list(EmergencyHold.objects.in_force(timezone.now() + timedelta(seconds=1))) == [hold]
    assert "This hold is on" in client.get(page_of(hold)).content.decode()

    client.post(reverse("admin:markets_emergencyhold_end", args=[hold.pk]))
    hold.refresh_from_db()
    assert hold.ends_at >= now
    assert not EmergencyHold.objects.in_force(timezone.now()).exists()


@pytest.mark.parametrize("role", ["rep", "manager", "administrator"])
def test_nobody_deletes_what_others_refer_to(client, role):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    market = MarketFactory()

    assert client.post(reverse("admin:markets_market_delete", args=[market.pk]), {"post": "yes"}).status_code == 403
    assert Market.objects.exists()
