"""That the facts the gate judges by are the ones in the records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead
from markets.models import EmergencyHold, Holiday
from outreach.gate_facts import GateFacts
from outreach.gatekeeper import Gatekeeper, gather_facts, judge
from outreach.models import Message, Suppression, WebhookEvent
from outreach.wording import write_step
from tests.factories import MessageFactory, OwnerFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, draft_campaign, open_market, phone_of, reachable_lead

NOW = MONDAY_MORNING
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def text(settings: LazySettings) -> Message:
    settings.LIVE_SENDING, settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = True, "AC1", "secret"
    return waiting_text(reachable_lead(open_market()))


def waiting_text(lead: Lead) -> Message:
    step = draft_campaign(lead.market).steps.get()
    message = write_step(step, lead, phone_of(lead), lead.market.sender_numbers.get())
    assert message is not None
    message.save()
    return message


def facts_of(message: Message) -> GateFacts:
    return gather_facts(Message.objects.with_everything().get(pk=message.pk), NOW)


def sent_text(like: Message, **fields: Any) -> Message:
    row = {
        "direction": "out", "origin": "reply", "state": "sent", "sid": f"SM{Message.objects.count()}", "body": "x",
        "phone": like.phone, "owner": like.owner, "market": like.market, "due_at": NOW, "claimed_at": NOW,
        "segments": 1,
    }  # fmt: skip
    return Message.objects.create(**row | fields)


def test_a_lawful_text_is_allowed_and_the_decision_is_kept(text: Message) -> None:
    decision = judge(text, NOW)
    kept = text.decisions.get()
    assert decision.outcome == kept.outcome == "allowed"
    assert {verdict["rule"] for verdict in kept.verdicts} >= {"consent", "suppression", "hours", "caps", "text"}
    assert kept.states == ["LA"]
    assert kept.local_times == {"America/Chicago": "Mon 2026-09-14 11:00 CDT"}
    assert kept.rule_set.startswith("4, rules of 2026-09-14")


def test_switches(text: Message, settings: LazySettings) -> None:
    campaign = text.step.campaign
    campaign.status, campaign.pause_reason, campaign.launched_at = "paused", "wording", NOW
    campaign.save()
    text.market.paused_at, text.market.pause_reason, text.market.active = NOW, "storm", False
    text.market.save()
    settings.TWILIO_AUTH_TOKEN = ""
    switches = facts_of(text).switches
    assert (switches.live, switches.market_active) == (False, False)
    assert (switches.market_paused, switches.campaign_paused, switches.breaker_open) == ("storm", "wording", "")


def test_a_text_without_a_sender_is_held(text: Message) -> None:
    text.sender = None
    text.save()
    assert not facts_of(text).switches.has_sender
    assert judge(text, NOW).reason == "held: the market has no active sender number"


def test_the_person_and_the_parcel(text: Message) -> None:
    Lead.objects.update(deleted_at=NOW)
    text.lead.parcel.improvement_value = 50_000
    text.lead.parcel.save()
    text.owner.kind, text.owner.merged_into = "school", OwnerFactory()
    text.owner.save()
    person = facts_of(text).recipient
    assert (person.owner_kind, person.owner_deleted, person.lead_stage) == ("school", True, "qualified")
    assert (person.lead_deleted, person.lead_archived, person.parcel_improved) == (True, False, True)


def test_a_consent_for_one_number_is_no_consent_for_another(text: Message) -> None:
    other = reachable_lead(text.market)
    consent = text.owner.consents.get()
    consent.phone = phone_of(other)
    consent.save()
    assert facts_of(text).recipient.consents == ()


def test_revoked_and_later_consents_are_told_to_the_gate(text: Message) -> None:
    text.owner.consents.update(revoked_at=NOW)
    assert not facts_of(text).recipient.consents[0].good_at(NOW)


def test_who_wrote_to_us_may_be_answered_by_a_person_but_not_by_a_campaign(text: Message) -> None:
    text.owner.consents.all().delete()
    MessageFactory(phone=text.phone, owner=text.owner, processed_at=NOW, due_at=NOW - timedelta(hours=1))
    assert facts_of(text).recipient.consents == ()
    text.origin, text.step = "reply", None
    text.save()
    assert [fact.basis for fact in facts_of(text).recipient.consents] == ["inbound"]


def test_suppressions_of_number_and_owner_count_and_lifted_ones_do_not(text: Message) -> None:
    Suppression.objects.create(number_hash=text.phone.number_hash, reason="litigator", created_at=NOW)
    Suppression.objects.create(owner=text.owner, reason="deceased", created_at=NOW)
    Suppression.objects.create(
        owner=text.owner, reason="manual", created_at=NOW, lifted_at=NOW, lift_reason="by mistake"
    )
    text.owner.phone_links.update(do_not_call=True)
    found = {(fact.scope, fact.reason) for fact in facts_of(text).recipient.suppressions}
    assert found == {("number", "litigator"), ("owner", "deceased"), ("number", "national_dnc")}


def test_replies_count_from_the_moment_they_are_stored(text: Message) -> None:
    WebhookEvent.objects.create(
        kind="inbound", key="inbound:1", payload="{}", number_hash=text.phone.number_hash, received_at=NOW
    )
    assert facts_of(text).recipient.unprocessed_inbound == 1
    MessageFactory(phone=text.phone, needs_person=True, processed_at=NOW)
    MessageFactory(phone=text.phone)
    person = facts_of(text).recipient
    assert (person.unprocessed_inbound, person.doubtful_opt_out) == (2, True)


def test_a_reply_from_another_number_of_the_owner_counts_and_a_strangers_does_not(text: Message) -> None:
    MessageFactory(owner=text.owner)
    MessageFactory(owner=text.owner, needs_person=True, processed_at=NOW)
    MessageFactory(owner=text.owner, processed_at=NOW)
    MessageFactory(needs_person=True, processed_at=NOW)
    person = facts_of(text).recipient
    assert (person.unprocessed_inbound, person.doubtful_opt_out) == (1, True)


def test_history_covers_the_number_and_the_owner_over_all_campaigns(text: Message) -> None:
    other = reachable_lead(text.market)
    sent_text(text, owner=other.owner)
    sent_text(text, phone=phone_of(other), claimed_at=NOW - timedelta(hours=3))
    sent_text(text, claimed_at=NOW - timedelta(days=9))
    sent_text(text, state="failed", sid=None)  # refused: nobody got it
    history = facts_of(text).history
    assert history.number_sent_at == (NOW,)
    assert history.owner_sent_at == (NOW - timedelta(hours=3),)
    assert history.owner_first_touches_at == ()


def test_a_first_touch_of_another_campaign_counts_for_the_cool_down(text: Message) -> None:
    other = draft_campaign(text.market).steps.get()
    sent_text(text, step=other, origin="campaign", claimed_at=NOW - timedelta(days=3))
    facts = facts_of(text)
    assert facts.history.owner_first_touches_at == (NOW - timedelta(days=3),)
    assert (facts.draft.is_first_touch, facts.draft.is_first_text) == (True, False)
    assert facts.limits.cool_down == timedelta(days=4)


def test_caps_count_todays_texts(text: Message) -> None:
    sent_text(text, step=text.step, owner=OwnerFactory(), origin="campaign", sender=text.sender, segments=2)
    sent_text(text, owner=OwnerFactory(), sender=text.sender, claimed_at=NOW - timedelta(hours=12))  # yesterday, local
    sent_text(text, owner=OwnerFactory(), sender=text.sender)  # by a person
    text.phone.carrier = "T-Mobile USA, Inc."
    text.phone.save()
    caps = {cap.name: (cap.used, cap.limit) for cap in facts_of(text).limits.caps}
    assert caps == {
        "the market's texts a day": (1, 1000),
        "the campaign's texts a day": (1, 1000),
        "the sender's texts a day": (2, 200),
        "the sender's segments a minute": (3, 1000),
        "the brand's T-Mobile segments a day": (3, 2000),
    }


def test_the_rule_set_is_another_when_a_holiday_goes(text: Message, monday_morning: time_machine.Coordinates) -> None:
    before = Gatekeeper([text], MONDAY_MORNING).rule_set
    monday_morning.shift(timedelta(hours=1))
    assert Gatekeeper([text], MONDAY_MORNING).rule_set == before
    Holiday.objects.get(state="LA", date="2026-12-25").delete()
    assert Gatekeeper([text], MONDAY_MORNING).rule_set == "4, rules of 2026-09-14 17:00:00"


def test_states_come_from_parcel_mailing_address_and_area_code(text: Message) -> None:
    text.owner.mailing_state, text.phone.area_code = "TX", "850"
    text.owner.save()
    text.phone.save()
    book = facts_of(text).rulebook
    assert [facts.state for facts in book.states] == ["LA", "TX", "FL", "LA"]  # the last: the market's own hours
    assert set(book.zones) == {"America/Chicago", "America/Denver", "America/New_York"}
    assert min(row.max_per_24h for row in book.hours if row.max_per_24h) == 3


def test_the_markets_own_hours_hold_too(text: Message) -> None:
    text.market.contact_start = "12:00"
    text.market.save()
    decision = judge(Message.objects.with_everything().get(pk=text.pk), NOW)
    assert decision.reason == "held until Mon 12:00 Central: before 12:00 by the market's own hours (Central)"


def test_an_emergency_in_the_state_holds(text: Message) -> None:
    EmergencyHold.objects.create(state="LA", starts_at=NOW - timedelta(hours=1), reason="Hurricane")
    assert judge(text, NOW).reason == "held: emergency in Louisiana: Hurricane"


def test_a_second_text_of_the_batch_sees_the_first(text: Message) -> None:
    keeper = Gatekeeper([text], NOW)
    before = keeper.facts(text, NOW)
    keeper.take(text, NOW)
    after = keeper.facts(text, NOW)
    assert (len(before.history.number_sent_at), len(after.history.number_sent_at)) == (0, 1)
    assert {cap.used for cap in after.limits.caps} == {1}


def test_facts_of_many_texts_take_as_many_queries_as_of_one() -> None:
    market = open_market()
    counts = []
    for more in (1, 5):
        for _ in range(more):
            waiting_text(reachable_lead(market))
        messages = list(Message.objects.with_everything().all())
        with CaptureQueriesContext(connection) as queries:
            keeper = Gatekeeper(messages, timezone.now())
            for message in messages:
                keeper.facts(message, timezone.now())
        counts.append(len(queries))
    assert counts == [15, 15]
