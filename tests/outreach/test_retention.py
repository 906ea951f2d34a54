"""The clean-up of deleted leads: what goes, what the law keeps, and that nothing goes unless a market says so."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from core import locks
from core.locks import advisory_lock
from leads.archive import archive_events
from leads.deleting import delete_leads
from leads.events import record_event
from leads.models import AnyEvent, Event, EventDay, EventRestore, Lead, Owner, Parcel
from leads.pipeline import move_lead
from markets.models import Market
from ops.models import Alert
from outreach.following import follow_leads
from outreach.models import CallTask, Consent, GateDecision, Letter, Message
from outreach.retention import CLEAN_UP_LOCK, clean_up_leads, plan_clean_up
from outreach.suppressions import suppress_number
from outreach.tasks import clean_up_deleted_leads
from tests.factories import LeadFactory, MarketFactory, OwnerPhoneFactory, UserFactory
from tests.outreach.campaign_setting import agree
from tests.outreach.conversations import Contact, contact, texted
from tests.outreach.test_letters import letter_template

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:deleted_leads")
DAY = timedelta(days=1)


@pytest.fixture
def market() -> Market:
    return MarketFactory(code="LA", deleted_leads_kept_days=90)


def long_deleted(market: Market, days: int = 91, **fields: Any) -> Lead:
    return deleted(LeadFactory(market=market, **fields), days)


def deleted(lead: Lead, days: int = 91) -> Lead:
    assert delete_leads(Lead.objects.just(lead), by=None, reason="not ours")
    Lead.objects.filter(pk=lead.pk).update(deleted_at=timezone.now() - days * DAY)
    return lead


def is_there(lead: Lead) -> bool:
    return Lead.objects.filter(pk=lead.pk).exists()


def run(**options: Any) -> Any:
    out = StringIO()
    call_command("clean_up_leads", stdout=out, stderr=StringIO(), **options)
    return json.loads(out.getvalue()) if options.get("json") else out.getvalue()


def test_a_lead_past_its_market_s_retention_goes_and_owner_and_parcel_stay(market: Market) -> None:
    old, young, live = long_deleted(market), long_deleted(market, 89), LeadFactory(market=market)

    done = clean_up_leads()

    assert (done.removed, done.markets, done.complete) == (1, {"LA": 1}, True)
    assert [is_there(lead) for lead in (old, young, live)] == [False, True, True]
    assert Owner.objects.filter(pk=old.owner_id).exists()
    assert Parcel.objects.filter(pk=old.parcel_id).exists()
    last = Lead.history.filter(id=old.pk).latest("history_id")
    assert (last.history_type, last.history_change_reason) == ("-", "deleted more than 90 days ago")


def test_without_a_retention_nothing_ever_goes() -> None:
    lead = long_deleted(MarketFactory(), 5000)

    assert clean_up_deleted_leads() == 0
    assert is_there(lead)
    assert not Event.objects.of_kind("LeadsCleanedUp").exists()
    assert Market._meta.get_field("deleted_leads_kept_days").default is None or not Market().deleted_leads_kept_days


def test_with_the_lead_go_its_timeline_its_planned_calls_and_what_names_it(market: Market) -> None:
    lead = long_deleted(market)
    record_event(Event.Kind.NOTE_ADDED, lead=lead, text="old", actor=UserFactory())
    CallTask.objects.create(lead=lead, owner=lead.owner, reason="First call", due_at=timezone.now())
    EventRestore.objects.create(lead=lead, kept_until=timezone.now(), created_at=timezone.now())
    Alert.objects.create(kind="hot", level="info", title="hot", key="x", lead=lead, created_at=timezone.now())

    clean_up_leads()

    assert not AnyEvent.objects.filter(lead_id=lead.pk).exists()
    assert not CallTask.objects.exists()
    assert not Alert.objects.exists()


def test_archived_events_go_too_and_the_daily_counts_with_them(market: Market) -> None:
    lead = long_deleted(market)
    Event.objects.filter(lead=lead).delete()
    long_ago = timezone.now() - 3000 * DAY
    for owner in (lead, LeadFactory(market=market)):
        Event.objects.create(kind="NoteAdded", lead=owner, owner=owner.owner, created_at=long_ago, handled_at=long_ago)
    assert archive_events().moved == 2

    clean_up_leads()

    assert EventDay.objects.total() == 1
    assert AnyEvent.objects.filter(kind="NoteAdded").count() == 1


# what the law keeps


def of_somebody(market: Market) -> Contact:
    someone = contact(stage="qualified")
    Lead.objects.filter(pk=someone.lead.pk).update(market=market)
    someone.lead.refresh_from_db()
    return someone


def sent(someone: Contact) -> None:
    texted(someone)


def replied(someone: Contact) -> None:
    texted(someone, direction="in", origin="inbound", state="received", sender=None)


def written_without_a_lead(someone: Contact) -> None:
    texted(someone, lead=None)


def only_judged(someone: Contact) -> None:
    message = texted(someone, state="blocked", sid=None, sent_at=None, claimed_at=None)
    GateDecision.objects.create(
        message=message, outcome="blocked", summary="no", verdicts=[], states=[], local_times={}, rule_set="1",
        decided_at=timezone.now(),
    )  # fmt: skip


def called(someone: Contact) -> None:
    CallTask.objects.create(
        lead=someone.lead, owner=someone.owner, reason="x", due_at=timezone.now(), done_at=timezone.now(),
        outcome="no_answer",
    )  # fmt: skip


def wrote_a_letter(someone: Contact) -> None:
    from outreach.models import LetterExport

    export = LetterExport.objects.create(market=someone.lead.market, template=letter_template(), count=1)
    Letter.objects.create(export=export, lead=someone.lead, owner=someone.owner, code="ABCDEFGH")


def told_so(someone: Contact) -> None:
    record_event(Event.Kind.CALL_LOGGED, lead=someone.lead, outcome="voicemail")


def agreed(someone: Contact) -> None:
    agree(someone.owner)


def agreed_and_took_it_back(someone: Contact) -> None:
    agree(someone.owner)
    Consent.objects.update(revoked_at=timezone.now())


def stopped(someone: Contact) -> None:
    suppress_number(someone.phone, "opt_out", evidence="STOP")


def signed(someone: Contact) -> None:
    for stage in ("hot", "offer_made", "under_contract", "offer_made"):
        assert move_lead(someone.lead, stage, by=None, reason="deal")


def closed(someone: Contact) -> None:
    for stage in ("hot", "offer_made", "under_contract", "closed"):
        assert move_lead(someone.lead, stage, by=None, reason="deal")


LAW = [
    (sent, "contacted"),
    (replied, "contacted"),
    (written_without_a_lead, "contacted"),
    (only_judged, "contacted"),
    (called, "contacted"),
    (wrote_a_letter, "contacted"),
    (told_so, "contacted"),
    (agreed, "consent on record"),
    (agreed_and_took_it_back, "consent on record"),
    (stopped, "said stop"),
    (signed, "under contract once"),
    (closed, "under contract once"),
]


@pytest.mark.parametrize(("happened", "why"), LAW, ids=[row[0].__name__ for row in LAW])
def test_what_must_be_kept_by_law_keeps_its_lead(market: Market, happened: Any, why: str) -> None:
    someone = of_somebody(market)
    happened(someone)
    deleted(someone.lead, 5000)
    other = long_deleted(market)
    before = Event.objects.filter(lead=someone.lead).count()

    plan = next(plan for plan in plan_clean_up() if plan.market == market)
    done = clean_up_leads()

    assert (plan.kept, plan.due, plan.deleted) == ({why: 1}, 1, 2)
    assert done.removed == 1
    assert (is_there(someone.lead), is_there(other)) == (True, False)
    assert Lead.objects.get(pk=someone.lead.pk).deleted_at is not None
    assert Event.objects.filter(lead=someone.lead).count() == before
    told = Event.objects.of_kind("LeadsCleanedUp").get()
    assert (told.data["removed"], told.data["kept"], told.data["reasons"]) == (1, 1, {why: 1})


def test_a_call_that_was_never_made_keeps_nothing(market: Market) -> None:
    lead = LeadFactory(market=market)
    CallTask.objects.create(lead=lead, owner=lead.owner, reason="First call", due_at=timezone.now())
    deleted(lead)
    assert follow_leads().calls == 1

    assert clean_up_leads().removed == 1


def test_the_number_s_hash_and_the_stop_outlive_other_leads(market: Market) -> None:
    link = OwnerPhoneFactory()
    suppress_number(link.phone, "opt_out", evidence="STOP")
    long_deleted(market)

    clean_up_leads()

    assert link.phone.number_hash
    from outreach.models import Suppression

    assert Suppression.objects.of_number(link.phone.number_hash).exists()


# runs


def test_a_run_goes_on_where_a_killed_one_stopped(market: Market) -> None:
    leads = [long_deleted(market) for _ in range(5)]
    seen: list[int] = []

    class KilledError(Exception):
        pass

    def kill(removed: int) -> None:
        seen.append(removed)
        if removed == 4:
            raise KilledError

    with pytest.raises(KilledError):
        clean_up_leads(batch=2, progress=kill)

    assert seen == [2, 4]
    assert sum(map(is_there, leads)) == 1
    assert clean_up_leads(batch=2).removed == 1
    assert clean_up_leads(batch=2).removed == 0


def test_a_run_stops_when_its_time_is_up(market: Market) -> None:
    long_deleted(market)

    done = clean_up_leads(seconds=-1)

    assert (done.removed, done.complete) == (0, False)


@pytest.mark.django_db(transaction=True)
def test_two_runs_do_not_meet(market: Market) -> None:
    lead = long_deleted(market)
    key = [locks._key(CLEAN_UP_LOCK)]
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", key)
            assert not clean_up_leads().complete
            with pytest.raises(CommandError, match="another run"):
                run(apply=True)
            cursor.execute("SELECT pg_advisory_unlock(%s)", key)  # closing would free it some moments later
    finally:
        other.close()
    assert is_there(lead)
    assert clean_up_leads().removed == 1
    with advisory_lock(CLEAN_UP_LOCK):
        pass


# the command


def test_the_command_is_a_dry_run_unless_told_otherwise(market: Market) -> None:
    lead = long_deleted(market)
    long_deleted(MarketFactory(code="MS"), 5000)
    before = Event.objects.count()

    said, figures = run(), run(json=True)

    assert "LA           after 90 days: would go 1, too recent 0" in said
    assert "MS           no retention: 1 deleted leads are kept for ever" in said
    assert "1 leads would be removed" in said
    assert figures["total"] == 1
    assert {row["market"]: row["due"] for row in figures["markets"]} == {"LA": 1, "MS": 0}
    assert (is_there(lead), Event.objects.count()) == (True, before)


def test_the_command_removes_when_told_to(market: Market) -> None:
    lead = long_deleted(market)

    assert run(apply=True, json=True)["removed"] == 1
    assert not is_there(lead)


def test_the_dry_run_supposes_days_where_a_market_has_none(market: Market) -> None:
    long_deleted(MarketFactory(code="MS"), 400)

    figures = run(json=True, days=365)

    assert {row["market"]: (row["days"], row["due"]) for row in figures["markets"]} == {"LA": (90, 0), "MS": (365, 1)}


@pytest.mark.parametrize(
    ("options", "words"), [({"days": 3}, "30 days or more"), ({"days": 90, "apply": True}, "--days")]
)
def test_wrong_options_are_refused_in_a_line(market: Market, options: dict[str, Any], words: str) -> None:
    lead = long_deleted(market)

    with pytest.raises(CommandError, match=words):
        run(**options)
    assert is_there(lead)


def test_a_retention_is_thirty_days_or_more(market: Market) -> None:
    market.deleted_leads_kept_days = 29

    with pytest.raises(ValidationError):
        market.full_clean()


# the page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_counts_before_anybody_switches_it_on(
    client: Any, person: Any, warmed: Any, count: int, django_assert_num_queries: Any
) -> None:
    person("manager")
    market = MarketFactory(code="LA", name="Louisiana")
    for _ in range(count):
        long_deleted(market, 400)
    someone = of_somebody(market)
    sent(someone)
    deleted(someone.lead, 400)
    before = Lead.objects.count()
    markets = Market.objects.count()
    warmed(PAGE)

    with django_assert_num_queries(5 + markets):
        page = client.get(PAGE).content.decode()

    assert "off, supposed 365 days" in page
    assert "contacted 1" in page
    assert f'<strong class="text-important">{count}</strong>' in page
    assert Lead.objects.count() == before


def test_nonsense_days_are_said_to_be(client: Any, person: Any) -> None:
    person("manager")

    page = client.get(PAGE, {"days": "3"}).content.decode()

    assert "greater than or equal to 30" in page
    assert "Counted with 365 days" in page


def test_reps_do_not_see_the_page(client: Any, person: Any) -> None:
    person("rep")

    assert client.get(PAGE).status_code == 403


def test_the_messages_of_a_deleted_lead_are_all_there_after_the_clean_up(market: Market) -> None:
    someone = of_somebody(market)
    sent(someone)
    deleted(someone.lead)

    clean_up_leads()

    assert Message.objects.get().lead == someone.lead
