"""The home page and the sidebar: the numbers are true, every link leads somewhere, nobody sees what is not theirs."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead
from leads.pipeline import move_lead
from ops.alerts import raise_alert
from ops.models import Alert
from outreach.models import CallTask, Message
from tests.factories import CampaignFactory, LeadFactory, MessageFactory, OwnerFactory, UserFactory

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")


def a_busy_day(user, count=1):
    """Of everything the page shows, `count`."""
    now = timezone.now()
    for number in range(count):
        hot = LeadFactory(owner=OwnerFactory(name=f"HOT {number}"))
        for stage in ("qualified", "contacted", "hot"):
            assert move_lead(hot, stage, by=None, reason="")
        Lead.objects.filter(pk=hot.pk).update(assigned_to=user, next_action_at=now)
        MessageFactory(lead=hot, owner=hot.owner, needs_person=True, processed_at=now, body="How much?", due_at=now)
        MessageFactory(needs_person=True, processed_at=now, body="Who is this?", due_at=now)
        for state in ("delivered", "failed", "queued", "blocked"):
            sent = {"claimed_at": now, "sid": f"SM{state}{number}"} if state in ("delivered", "failed") else {}
            MessageFactory(direction="out", origin="reply", state=state, due_at=now, **sent)
        CallTask.objects.create(lead=hot, owner=hot.owner, reason="Call back", due_at=now - timedelta(hours=1))
        CampaignFactory(status="running", launched_at=now)
        raise_alert(Alert.Level.WARNING, "hot_lead", f"Alert {number}", key=f"alert {number}", lead=hot)


@pytest.fixture
def nothing_kept():
    cache.clear()
    yield
    cache.clear()


def tiles(response, name):
    return {tile.title: tile.count for tile in response.context[name]}


def test_the_numbers_of_the_day(client, person):
    user = person("rep")
    a_busy_day(user, 2)

    response = client.get(HOME)

    assert tiles(response, "wanting") == {"Replies to read": 4, "Hot leads": 2, "Calls due": 2, "Offers out": 0}
    assert tiles(response, "today") == {
        "Texts sent": 2,
        "Waiting to go": 2,
        "Blocked by the rules": 2,
        "Failed": 2,
        "Replies": 4,
        "Opt-outs": 0,
    }
    page = response.content.decode()
    for shown in ("Alert 1", "HOT 0", "How much?", "Who is this?", "(225) •••"):
        assert shown in page


def test_what_happened_yesterday_is_not_today(client, person):
    user = person("rep")
    a_busy_day(user)
    Message.objects.update(claimed_at=timezone.now() - timedelta(days=2), due_at=timezone.now() - timedelta(days=2))

    counts = tiles(client.get(HOME), "today")

    assert (counts["Texts sent"], counts["Replies"]) == (0, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_on_any_day(client, person, warmed, count, django_assert_num_queries):
    a_busy_day(person("rep"), count)
    warmed(HOME)

    with django_assert_num_queries(23):
        client.get(HOME)


@pytest.mark.parametrize("role", ["rep", "manager", "administrator"])
def test_every_link_of_the_page_and_the_sidebar_leads_somewhere(client, person, role):
    a_busy_day(person(role))
    response = client.get(HOME)
    context = response.context
    links = [tile.link for tile in (*context["wanting"], *context["today"])]
    links += [stage.link for stage in context["stages"]]
    links += [str(item["link"]) for group in context["sidebar_navigation"] for item in group["items"]]

    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_an_empty_product_says_what_to_do_first(client, person):
    person("manager")

    page = client.get(HOME).content.decode()

    assert "import the first list" in page
    assert "Every reply is dealt with." in page


def test_a_person_without_a_role_is_told_so(client):
    client.force_login(UserFactory())
    a_busy_day(None)

    page = client.get(HOME).content.decode()

    assert "ask an administrator for a role" in page
    assert "HOT 0" not in page


def pages(client):
    return {item["title"] for group in client.get(HOME).context["sidebar_navigation"] for item in group["items"]}


def test_the_sidebar_shows_what_the_role_may_see(client, person):
    person("rep")
    rep = pages(client)
    person("administrator")
    administrator = pages(client)

    assert {"Today", "Leads", "Messages", "Calls", "Campaigns", "List imports"} <= rep
    assert administrator - rep == {"People", "Schedules"}


def test_the_icon_is_found_where_browsers_ask_for_it(client):
    assert client.get("/favicon.ico").headers["Location"].endswith("images/favicon.svg")


def test_estimated_stages_are_good_for_half_a_minute_and_counts_are_always_new(
    client, person, nothing_kept, monkeypatch
):
    person("rep")
    lead = LeadFactory()
    client.get(HOME)
    assert move_lead(lead, "qualified", by=None, reason="")
    assert {bar.label: bar.count.number for bar in client.get(HOME).context["stages"]}["Qualified"] == 1

    monkeypatch.setattr("leads.querysets.MANY_LEADS", 0)
    monkeypatch.setattr("core.querysets.LARGE_COUNT", 0)
    estimated = client.get(HOME).context["stages"]
    assert all(bar.count.approximate for bar in estimated)
    monkeypatch.setattr("leads.querysets.LeadQuerySet.about_by_stage", None)
    assert client.get(HOME).context["stages"] == estimated
