"""Markets, contact rules, holidays and emergency holds in the admin: who may change what; it is used at once."""

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
QUERIES = {"market": 7, "contactrule": 7, "holiday": 8, "emergencyhold": 9}


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

    with django_assert_num_queries(QUERIES[model]):
        response = client.get(list_of(model))

    assert len(response.context["cl"].result_list) == count


def test_the_list_counts_the_parishes_in_use(client, person):
    person("rep")
    market = ParishFactory().market
    ParishFactory(market=market)
    ParishFactory(market=market, active=False)

    assert [row.parish_count for row in client.get(list_of("market")).context["cl"].result_list] == [2]


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
        ({"contact_start": ""}, "The market has no hours: say from when on people may be texted."),
        ({"contact_end": ""}, "The market has no hours: say until when people may be texted."),
        ({"contact_start": "20:00", "contact_end": "09:00"}, "Contact must start before it ends."),
        ({"contact_score": "70", "hot_score": "65"}, "lower than that for contact"),
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


@pytest.mark.parametrize("role", ["rep", "manager", "administrator"])
def test_nobody_deletes_what_others_refer_to(client, role):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    market = MarketFactory()

    assert client.post(reverse("admin:markets_market_delete", args=[market.pk]), {"post": "yes"}).status_code == 403
    assert Market.objects.exists()
