"""The campaign pages: a draft, its dry run, the launch, and who may do what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.models import User
from leads.models import Event, Lead, ParcelList, Tag
from leads.tagging import tag_leads
from outreach import dry_running, enrolling, progress
from outreach.admin.campaign_form import NOBODY
from outreach.admin.dry_runs import single_reasons
from outreach.campaigns import launch_campaign
from outreach.dry_running import plan_campaign
from outreach.models import CallTask, Campaign, CampaignOwner, CampaignStep, DryRun, DryRunLine, Message
from outreach.opt_outs import opt_out
from outreach.querysets.audience import campaign_leads
from outreach.sending import prepare_texts
from outreach.suppressions import suppress_number
from tests.factories import CampaignFactory, CampaignStepFactory, MessageFactory, ParishFactory, TemplateVariantFactory
from tests.outreach.campaign_setting import (
    MONDAY_MORNING,
    draft_campaign,
    open_market,
    phone_of,
    reachable_lead,
)

pytestmark = pytest.mark.django_db
LIST = reverse("admin:outreach_campaign_changelist")
ADD = reverse("admin:outreach_campaign_add")
Person = Callable[[str], User]


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def campaign() -> Campaign:
    """A draft for one owner who may be texted and one who may not."""
    market = open_market()
    reachable_lead(market, name="SMITH JOHN", number="+12252345671")
    reachable_lead(market, name="LANDRY PAUL", consent=False)
    return draft_campaign(market, name="Autumn")


def page(name: str, campaign: Campaign) -> str:
    return reverse(f"admin:outreach_campaign_{name}", args=[campaign.pk])


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def filled(campaign: Campaign, **changes: Any) -> dict[str, Any]:
    """What the form of a draft posts."""
    step = CampaignStep.objects.get(campaign=campaign)
    return {
        "name": campaign.name,
        "market": campaign.market_id,
        "stages": campaign.stages,
        "daily_cap": campaign.daily_cap,
        "steps-TOTAL_FORMS": 1,
        "steps-INITIAL_FORMS": 1,
        "steps-0-id": step.pk,
        "steps-0-campaign": campaign.pk,
        "steps-0-position": 1,
        "steps-0-kind": "text",
        "steps-0-template": step.template_id,
        "steps-0-delay_days": 0,
        **changes,
    }


# the list


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_rows(
    client: Client, person: Person, count: int, django_assert_num_queries: Any, warmed: Callable[[str], object]
) -> None:
    person("rep")
    CampaignFactory.create_batch(count)
    warmed(LIST)
    with django_assert_num_queries(7):
        response = client.get(LIST)
    assert response.content.count(b'class="field-name') == count


def test_the_list_counts_what_was_sent_waits_and_was_blocked(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("rep")
    launch_campaign(campaign, by=None)
    Message.objects.filter(state="queued").update(state="delivered", claimed_at=MONDAY_MORNING, sid="SM1")
    row = client.get(LIST).context["cl"].result_list.get()
    assert (row.sent, row.waiting, row.blocked) == (1, 0, 1)


# who may do what


def test_anonymous_people_are_sent_to_the_log_in(client: Client, campaign: Campaign) -> None:
    for url in (LIST, ADD, *(page(name, campaign) for name in ("change", "dry_run", "status"))):
        assert "/login/" in client.get(url).headers["Location"]
    for name in ("launch", "pause", "resume", "end", "dry_run"):
        assert "/login/" in client.post(page(name, campaign)).headers["Location"]
    assert Message.objects.count() == 0


def test_a_rep_sees_campaigns_and_starts_none(client: Client, person: Person, campaign: Campaign) -> None:
    person("rep")
    plan_campaign(campaign)
    assert [client.get(page(name, campaign)).status_code for name in ("change", "dry_run", "status")] == [200] * 3
    assert b"Launch" not in client.get(page("dry_run", campaign)).content
    assert client.get(ADD).status_code == 403
    for name in ("launch", "pause", "resume", "end", "dry_run"):
        assert client.post(page(name, campaign), {"reason": "x"}).status_code == 403
    assert Message.objects.count() == 0
    assert Campaign.objects.get().status == "draft"


@pytest.mark.parametrize("role", ["manager", "administrator"])
def test_managers_and_administrators_launch(client: Client, person: Person, campaign: Campaign, role: str) -> None:
    user = person(role)
    client.post(page("dry_run", campaign))
    client.post(page("launch", campaign))
    assert Campaign.objects.get().status == "running"
    assert Event.objects.get(kind="CampaignLaunched").actor == user


def test_the_steps_of_a_campaign_are_posts_only(client: Client, person: Person, campaign: Campaign) -> None:
    person("manager")
    for name in ("launch", "pause", "resume", "end"):
        assert client.get(page(name, campaign)).status_code == 405
    assert Message.objects.count() == 0


# the form


def test_a_manager_makes_a_draft_and_lands_on_its_page(client: Client, person: Person) -> None:
    user, market = person("manager"), reachable_lead(open_market()).market
    template = TemplateVariantFactory().template
    form = {
        "name": "Spring",
        "market": market.pk,
        "stages": ["qualified", "contacted"],
        "daily_cap": 60,
        "steps-TOTAL_FORMS": 1,
        "steps-INITIAL_FORMS": 0,
        "steps-0-position": 1,
        "steps-0-kind": "text",
        "steps-0-template": template.pk,
        "steps-0-delay_days": 0,
    }
    response = client.post(ADD, form)
    made = Campaign.objects.get()
    assert response.headers["Location"] == page("change", made)
    assert (made.status, made.created_by, made.stages) == ("draft", user, ["qualified", "contacted"])
    assert CampaignStep.objects.get().template == template


def test_a_parish_of_another_market_is_refused(client: Client, person: Person, campaign: Campaign) -> None:
    person("manager")
    elsewhere = ParishFactory(name="Kanawha")
    response = client.post(page("change", campaign), filled(campaign, parishes=[elsewhere.pk], name="New name"))
    assert "Kanawha" in response.context["adminform"].form.errors["parishes"][0]
    assert Campaign.objects.get().name == "Autumn"


def test_a_change_throws_the_old_dry_run_away(client: Client, person: Person, campaign: Campaign) -> None:
    person("manager")
    plan_campaign(campaign)
    client.post(page("change", campaign), filled(campaign, min_score=50))
    changed = Campaign.objects.get()
    assert (changed.min_score, changed.dry_run) == (50, None)
    assert DryRunLine.objects.count() == 0
    assert b"No dry run of the campaign as it is now" in client.get(page("dry_run", campaign)).content


def test_a_running_campaign_s_changes_hold_for_what_is_not_yet_sent(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("manager")
    launch_campaign(campaign, by=None)
    other = TemplateVariantFactory(body="{{company}} again. Reply STOP to opt out.").template
    form = filled(campaign, name="Renamed", daily_cap=5, min_score=60, **{"steps-0-template": other.pk})
    client.post(page("change", campaign), form)
    kept = Campaign.objects.get()
    assert (kept.name, kept.daily_cap, kept.min_score, kept.status) == ("Renamed", 5, 60, "running")
    waiting = Message.objects.filter(state="queued")
    texts = list(waiting.with_everything())
    prepare_texts(texts)
    assert [text.body for text in texts] == ["LA Land Wholesale again. Reply STOP to opt out."]
    assert b"What you change below holds for what is not yet sent" in client.get(page("change", campaign)).content


def test_a_step_that_owners_have_passed_keeps_its_kind_and_place(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("manager")
    launch_campaign(campaign, by=None)
    for changes in (
        {"steps-0-kind": "wait", "steps-0-template": ""},
        {"steps-0-position": 3},
        {"steps-0-DELETE": "on"},
    ):
        response = client.post(page("change", campaign), filled(campaign, **changes))
        errors = response.context["inline_admin_formsets"][0].formset.non_form_errors()
        assert "2 owners have passed step 1: it keeps its kind and place. Add a step after it." in errors
    assert (CampaignStep.objects.get().kind, CampaignStep.objects.get().position) == ("text", 1)


def test_a_step_added_while_it_runs_is_for_those_who_come_to_it(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("manager")
    launch_campaign(campaign, by=None)
    more = {
        "steps-TOTAL_FORMS": 2,
        "steps-1-campaign": campaign.pk,
        "steps-1-position": 2,
        "steps-1-kind": "call",
        "steps-1-delay_days": 0,
        "steps-1-conditions": ["no_consent"],
    }
    client.post(page("change", campaign), filled(campaign, **more))
    progress.follow_unsent()
    progress.advance_due()
    assert CallTask.objects.get().owner.name == "LANDRY PAUL"


@pytest.mark.parametrize(
    ("kind", "purpose", "words"),
    [
        ("letter", "first_text", "is no template for a letter."),
        ("text", "letter", "is no template for a text."),
        ("text", None, "A text needs a template."),
        ("call", "first_text", "A call has no template: leave it empty."),
    ],
)
def test_a_step_whose_template_does_not_fit_is_refused(
    client: Client, person: Person, campaign: Campaign, kind: str, purpose: str | None, words: str
) -> None:
    person("manager")
    template = TemplateVariantFactory(template__purpose=purpose).template.pk if purpose else ""
    response = client.post(
        page("change", campaign), filled(campaign, **{"steps-0-kind": kind, "steps-0-template": template})
    )
    assert words in str(response.context["inline_admin_formsets"][0].formset.errors)
    assert CampaignStep.objects.get().kind == "text"


@pytest.mark.parametrize("change", [{"min_score": 99}, {"stages": ["hot"]}, {"lists": ["adjudicated"]}])
def test_a_campaign_without_an_audience_is_refused_on_save(
    client: Client, person: Person, campaign: Campaign, change: dict[str, Any]
) -> None:
    person("manager")
    response = client.post(page("change", campaign), filled(campaign, name="New name", **change))
    assert response.context["adminform"].form.non_field_errors() == [NOBODY]
    assert Campaign.objects.get().name == "Autumn"


def test_a_campaign_that_waits_for_leads_may_have_nobody_yet(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("manager")
    client.post(page("change", campaign), filled(campaign, min_score=99, takes_new_leads="on"))
    assert (Campaign.objects.get().min_score, Campaign.objects.get().takes_new_leads) == (99, True)


def test_the_form_counts_its_audience_and_says_who_drops_out(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("manager")
    reachable_lead(campaign.market).owner.phone_links.all().delete()
    suppressed = reachable_lead(campaign.market)
    suppress_number(phone_of(suppressed), "opt_out", evidence="STOP")
    asked = {"market": campaign.market_id, "stages": ["qualified"]}
    response = client.post(reverse("admin:outreach_campaign_audience"), asked)
    numbers = response.context["numbers"]
    assert (numbers.owners, numbers.reached, numbers.leads, numbers.is_more) == (4, 1, 4, False)
    assert (numbers.no_number, numbers.no_consent, numbers.suppressed, numbers.lately) == (1, 1, 1, 0)
    assert "1</strong> could be texted today" in response.content.decode()


def test_a_rep_counts_no_audience(client: Client, person: Person, campaign: Campaign) -> None:
    person("rep")
    assert client.post(reverse("admin:outreach_campaign_audience"), {"market": campaign.market_id}).status_code == 403


def test_an_audience_is_chosen_by_tag_list_and_consent(client: Client, person: Person) -> None:
    market = open_market()
    tagged, plain, silent = reachable_lead(market), reachable_lead(market), reachable_lead(market, consent=False)
    tag_leads(Lead.objects.just(tagged), "river lots", by=None)
    ParcelList.objects.create(
        parcel=plain.parcel, source="adjudicated", first_seen=MONDAY_MORNING, last_seen=MONDAY_MORNING, list_import_id=1
    )
    campaign = draft_campaign(market)
    aimed = lambda: {lead.pk for lead in campaign_leads(campaign)}  # noqa: E731
    assert aimed() == {tagged.pk, plain.pk, silent.pk}
    campaign.tags.set(Tag.objects.all())
    assert aimed() == {tagged.pk}
    campaign.tags.clear()
    campaign.lists = ["adjudicated"]
    assert aimed() == {plain.pk}
    campaign.lists, campaign.consent = [], "lacks"
    assert aimed() == {silent.pk}
    campaign.consent = "has"
    assert aimed() == {tagged.pk, plain.pk}


# the owners


@pytest.mark.parametrize("count", [1, 3])
def test_the_owners_page_takes_the_same_queries_for_any_number(
    client: Client, person: Person, count: int, django_assert_num_queries: Any, warmed: Callable[[str], object]
) -> None:
    person("rep")
    market = open_market()
    for _ in range(count):
        reachable_lead(market)
    campaign = draft_campaign(market)
    launch_campaign(campaign, by=None)
    warmed(page("owners", campaign))
    with django_assert_num_queries(12):
        response = client.get(page("owners", campaign))
    assert len(response.context["lines"]) == count


def test_the_owners_page_says_where_each_stands_and_is_narrowed(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("rep")
    launch_campaign(campaign, by=None)
    opt_out(phone_of(campaign.market.leads.get(owner__name="SMITH JOHN")), evidence="STOP")
    stands = {line.row.owner.name: line.stands for line in client.get(page("owners", campaign)).context["lines"]}
    assert stands == {"SMITH JOHN": "Stopped: the owner said stop", "LANDRY PAUL": "Text: blocked by the gate"}
    for query, names in (({"reason": "opt_out"}, ["SMITH JOHN"]), ({"state": "active"}, ["LANDRY PAUL"])):
        lines = client.get(page("owners", campaign), query).context["lines"]
        assert [line.row.owner.name for line in lines] == names
    assert "2345671" not in client.get(page("owners", campaign)).content.decode()


def test_the_campaign_page_counts_by_step_and_says_why_it_stopped(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("rep")
    launch_campaign(campaign, by=None)
    opt_out(phone_of(campaign.market.leads.get(owner__name="SMITH JOHN")), evidence="STOP")
    context = client.get(page("status", campaign)).context
    [line] = context["steps"]
    assert (line.waiting, line.done, line.blocked, line.skipped) == (1, 1, 1, 0)
    assert context["stops"] == [("opt_out", "the owner said stop", 1)]


def test_the_lead_page_says_in_which_campaign_its_owner_is_and_why_it_stopped(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("rep")
    launch_campaign(campaign, by=None)
    lead = campaign.market.leads.get(owner__name="SMITH JOHN")
    assert "Text waits to leave" in client.get(lead.get_absolute_url()).content.decode()
    opt_out(phone_of(lead), evidence="STOP")
    assert "Stopped: the owner said stop" in client.get(lead.get_absolute_url()).content.decode()


def test_taking_in_who_matches_now_and_by_itself(client: Client, person: Person, campaign: Campaign) -> None:
    person("manager")
    launch_campaign(campaign, by=None)
    new = reachable_lead(campaign.market)
    assert enrolling.take_in_due() == 0
    response = client.post(page("take_in", campaign), follow=True)
    assert said(response) == ["Owners who match now are taken in; the numbers on this page follow."]
    assert enrolling.take_in_due() == 1
    assert CampaignOwner.objects.get(owner=new.owner).text.state == "queued"
    assert Campaign.objects.get().enrol_at is None
    client.post(page("change", campaign), filled(campaign, takes_new_leads="on"))
    later = reachable_lead(campaign.market)
    assert enrolling.take_in_due() == 1
    assert CampaignOwner.objects.filter(owner=later.owner).exists()
    assert Campaign.objects.get().enrol_at == MONDAY_MORNING + timedelta(minutes=5)


# dry runs of large audiences, owner by owner


def test_a_large_audience_is_gone_through_in_the_background(
    client: Client, person: Person, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("manager")
    monkeypatch.setattr(dry_running, "AT_ONCE", 1)
    response = client.post(page("dry_run", campaign), follow=True)
    assert b"Waits for a worker" in response.content
    assert (response.context["plan"], DryRun.objects.get().expected) == (None, 2)
    assert client.post(page("launch", campaign), follow=True).context["plan"] is None
    assert Campaign.objects.get().status == "draft"
    assert dry_running.run_due() == 2
    response = client.get(page("dry_run", campaign))
    assert (dict(response.context["plan"].counts)["Would get a text"], DryRun.objects.get().looked_at) == (1, 2)
    assert dry_running.run_due() == 0


def test_a_dry_run_whose_worker_died_is_taken_over_and_counts_nobody_twice(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch, monday_morning: Any
) -> None:
    monkeypatch.setattr(dry_running, "AT_ONCE", 1)
    dry_running.ask_dry_run(campaign, by=None)
    monkeypatch.setattr(dry_running, "_finish", lambda *args: None)
    dry_running.run_due()
    assert (DryRun.objects.get().state, DryRunLine.objects.count()) == ("running", 2)
    monkeypatch.undo()
    assert dry_running.run_due() == 0
    monday_morning.shift(timedelta(minutes=3))
    assert dry_running.run_due() == 2
    assert (DryRun.objects.get().state, DryRun.objects.get().attempts, DryRunLine.objects.count()) == ("done", 2, 2)


def test_a_change_stops_a_dry_run_that_is_under_way(
    client: Client, person: Person, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("manager")
    monkeypatch.setattr(dry_running, "AT_ONCE", 1)
    dry_running.ask_dry_run(campaign, by=None)
    client.post(page("change", campaign), filled(campaign, min_score=50))
    assert dry_running.run_due() == 0
    assert (Campaign.objects.get().dry_run, DryRunLine.objects.count()) == (None, 0)


def test_the_owners_behind_a_reason_are_listed_and_downloaded(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("manager")
    plan_campaign(campaign)
    reason = "no consent good for a text: send a letter or call instead"
    lines = client.get(page("dry_owners", campaign), {"reason": reason}).context["lines"]
    assert [(line.lead.owner.name, line.outcome, line.why) for line in lines] == [("LANDRY PAUL", "Gets none", reason)]
    [line] = client.get(page("dry_owners", campaign), {"outcome": "allowed"}).context["lines"]
    assert (line.lead.owner.name, line.variant, line.segments, line.at) == ("SMITH JOHN", "A", 1, MONDAY_MORNING)
    written = b"".join(client.get(page("dry_csv", campaign)).streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert [row.split(",")[1] for row in written] == ["owner", "LANDRY PAUL", "SMITH JOHN"]
    assert "2026-09-14 11:00 CDT" in written[2]
    assert "2345671" not in written[2]


def test_a_rep_sees_the_owners_of_a_dry_run_and_downloads_none(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("rep")
    plan_campaign(campaign)
    assert client.get(page("dry_owners", campaign)).status_code == 200
    assert client.get(page("dry_csv", campaign)).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_dry_run_s_owners_take_the_same_queries_for_any_number(
    client: Client, person: Person, count: int, django_assert_num_queries: Any, warmed: Callable[[str], object]
) -> None:
    person("manager")
    market = open_market()
    for _ in range(count):
        reachable_lead(market)
    campaign = draft_campaign(market)
    plan_campaign(campaign)
    warmed(page("dry_owners", campaign))
    with django_assert_num_queries(10):
        client.get(page("dry_owners", campaign))


def test_saving_the_form_does_not_undo_a_pause_that_came_meanwhile(
    client: Client, person: Person, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("manager")
    launch_campaign(campaign, by=None)
    loaded = Campaign.objects.get()
    Campaign.objects.update(status="paused", pause_reason="filtered")
    from outreach.admin.campaigns import CampaignAdmin

    monkeypatch.setattr(CampaignAdmin, "get_object", lambda *args: loaded)
    client.post(page("change", campaign), filled(campaign, daily_cap=7))
    kept = Campaign.objects.get()
    assert (kept.status, kept.pause_reason, kept.daily_cap) == ("paused", "filtered", 7)


# the dry run


def test_a_dry_run_shows_whom_from_what_number_when_and_why_not(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("manager")
    response = client.post(page("dry_run", campaign), follow=True)
    plan = response.context["plan"]
    assert dict(plan.counts)["Would get a text"] == 1
    assert plan.reasons == [("no consent good for a text: send a letter or call instead", 1)]
    [line] = plan.sample
    assert (line.lead.owner.name, line.phone, line.sender[:5], line.at) == (
        "SMITH JOHN",
        "(225) •••-••71",
        "(225)",
        MONDAY_MORNING,
    )
    assert [line.lead.owner.name for line in plan.kept_back] == ["LANDRY PAUL"]
    page_text = response.content.decode()
    assert "Mon, Sep 14, 11:00" in page_text
    assert "2345671" not in page_text
    assert Message.objects.count() == 0


def test_a_dry_run_of_a_campaign_without_a_text_says_so(client: Client, person: Person, campaign: Campaign) -> None:
    person("manager")
    CampaignStep.objects.all().delete()
    response = client.post(page("dry_run", campaign), follow=True)
    assert said(response) == ["The campaign has no step yet: add a text, a letter or a call below."]
    assert Campaign.objects.get().dry_run is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (0, ""),
        (1, "the first text. One more follows for whoever does not answer: at most as many again."),
        (2, "Two more follow for whoever does not answer: at most as many again, each."),
    ],
)
def test_the_dry_run_says_that_more_texts_follow(
    client: Client, person: Person, campaign: Campaign, more: int, words: str
) -> None:
    person("manager")
    for number in range(more):
        CampaignStepFactory(campaign=campaign, position=number + 2)
    plan_campaign(campaign)
    content = client.get(page("dry_run", campaign)).content.decode()
    assert words in content
    assert ("figures of the first text" in content) == bool(more)


@pytest.mark.parametrize("count", [1, 3])
def test_the_dry_run_page_takes_the_same_queries_for_any_number_of_owners(
    client: Client, person: Person, count: int, django_assert_num_queries: Any, warmed: Callable[[str], object]
) -> None:
    person("manager")
    market = open_market()
    for _ in range(count):
        reachable_lead(market)
    campaign = draft_campaign(market)
    plan_campaign(campaign)
    warmed(page("dry_run", campaign))
    with django_assert_num_queries(11):
        response = client.get(page("dry_run", campaign))
    assert len(response.context["plan"].sample) == count


def test_an_owner_with_two_reasons_counts_at_each() -> None:
    counted = [("blocked: no consent; a landline cannot be texted", 2), ("blocked: no consent", 3)]
    assert single_reasons(counted) == [("no consent", 5), ("a landline cannot be texted", 2)]


# launch, pause, resume, end


def test_a_launch_without_a_dry_run_is_sent_back_to_it(client: Client, person: Person, campaign: Campaign) -> None:
    person("manager")
    response = client.post(page("launch", campaign), follow=True)
    assert said(response) == ["Look at a dry run first: there is none of the campaign as it is now."]
    assert Campaign.objects.get().status == "draft"
    assert Message.objects.count() == 0


def test_a_launch_says_what_it_queued_and_the_page_shows_why_others_are_blocked(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("manager")
    plan_campaign(campaign)
    response = client.post(page("launch", campaign), follow=True)
    assert said(response) == ["1 texts are queued, 1 were blocked by the rules."]
    numbers = dict(response.context["numbers"])
    assert (numbers["Queued"], numbers["Sent"], numbers["Blocked"], numbers["Replies"]) == (1, 0, 1, 0)
    assert response.context["blocked_reasons"] == [("no consent good for a text: send a letter or call instead", 1)]


def test_a_declined_launch_is_said_and_queues_nothing(client: Client, person: Person, campaign: Campaign) -> None:
    person("manager")
    plan_campaign(campaign)
    campaign.market.active = False
    campaign.market.save()
    response = client.post(page("launch", campaign), follow=True)
    assert "not active" in said(response)[0]
    assert Message.objects.count() == 0


def test_pause_needs_a_reason_and_resume_takes_it_up_again(client: Client, person: Person, campaign: Campaign) -> None:
    person("manager")
    launch_campaign(campaign, by=None)
    assert said(client.post(page("pause", campaign), {"reason": " "}, follow=True)) == [
        "Say why the campaign is paused."
    ]
    assert Campaign.objects.get().status == "running"
    client.post(page("pause", campaign), {"reason": "A storm"})
    assert (Campaign.objects.get().status, Campaign.objects.get().pause_reason) == ("paused", "A storm")
    assert b"Paused: A storm" in client.get(page("change", campaign)).content
    client.post(page("resume", campaign))
    assert Campaign.objects.get().status == "running"


def test_an_ended_campaign_has_cancelled_its_queue_and_offers_nothing_more(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("manager")
    launch_campaign(campaign, by=None)
    response = client.post(page("end", campaign), follow=True)
    assert said(response) == ["The campaign has ended; 1 texts were cancelled."]
    assert dict(response.context["numbers"])["Cancelled"] == 1
    for name in ("pause", "resume", "end"):
        assert page(name, campaign).encode() not in response.content


def test_the_numbers_count_replies_of_the_texted_since_they_were_texted(
    client: Client, person: Person, campaign: Campaign
) -> None:
    person("rep")
    launch_campaign(campaign, by=None)
    text = Message.objects.get(state="queued")
    Message.objects.filter(pk=text.pk).update(state="sent", sid="SM1", claimed_at=MONDAY_MORNING)
    MessageFactory(phone=text.phone, due_at=MONDAY_MORNING - timedelta(days=1))
    MessageFactory(due_at=MONDAY_MORNING + timedelta(hours=1))
    MessageFactory(phone=text.phone, due_at=MONDAY_MORNING + timedelta(hours=1))
    response = client.get(page("status", campaign))
    assert dict(response.context["numbers"])["Replies"] == 1


def test_no_page_shows_a_number_in_clear(client: Client, person: Person, campaign: Campaign) -> None:
    person("administrator")
    number = phone_of(campaign.market.leads.get(owner__name="SMITH JOHN")).number
    plan_campaign(campaign)
    for name in ("change", "dry_run"):
        assert number[-7:] not in client.get(page(name, campaign)).content.decode()
