"""What waits for a number that ends or is switched off goes to the owner's next one, or nowhere, never to both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from config.outbox import deliver_events
from leads.models import Event, Lead, OwnerPhone, PhoneNumber
from leads.numbers import confirm_number, end_number, reopen_number, withdraw_confirmation
from local.twilio_simulator import TwilioSimulator
from outreach import progress, sending
from outreach.audience import with_numbers
from outreach.calls import fill_call_list
from outreach.campaigns import end_campaign, launch_campaign
from outreach.consents import record_consent
from outreach.gatekeeper import gather_facts, judge
from outreach.handing_over import hand_over
from outreach.inbound import find_writer
from outreach.models import CallTask, Campaign, Consent, Message, SendAttempt, Suppression
from outreach.numbers import settle_numbers
from outreach.opt_outs import opt_out
from outreach.replies import correct_label
from outreach.sending import SendReport, queue_reply, send_due
from tests.factories import (
    CampaignStepFactory,
    LeadFactory,
    MessageFactory,
    OwnerPhoneFactory,
    UserFactory,
)
from tests.outreach.campaign_setting import (
    MONDAY_MORNING,
    draft_campaign,
    open_market,
    reachable_lead,
    text_of,
    texts_at,
)

pytestmark = pytest.mark.django_db
State = Message.State
EARLIER = MONDAY_MORNING - timedelta(days=1)


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


def two_numbers() -> tuple[Lead, OwnerPhone, OwnerPhone]:
    """A reachable lead whose owner has a first and a second number."""
    lead = reachable_lead(open_market())
    return lead, lead.owner.phone_links.get(), OwnerPhoneFactory(owner=lead.owner, rank=2)


def launched(lead: Lead) -> Message:
    assert launch_campaign(draft_campaign(lead.market), by=None)
    return text_of(lead)


def now_of(message: Message) -> Message:
    return Message.objects.select_related("phone").get(pk=message.pk)


def test_a_campaigns_text_goes_to_the_next_number_and_only_there(twilio_simulator: TwilioSimulator) -> None:
    lead, first, second = two_numbers()
    text = launched(lead)

    end_number(first, why="disconnected", by=UserFactory())
    deliver_events()

    assert (now_of(text).phone, now_of(text).state) == (second.phone, State.QUEUED)
    assert send_due().sent == 1
    assert [sent["to"] for sent in texts_at(twilio_simulator)] == [second.phone.number]
    assert Message.objects.count() == 1


def test_before_the_event_is_delivered_the_gate_keeps_the_text_back(twilio_simulator: TwilioSimulator) -> None:
    lead, first, _ = two_numbers()
    text = launched(lead)

    end_number(first, why="reassigned", by=None)
    assert send_due().sent == 0

    assert now_of(text).state == State.BLOCKED
    assert "not this owner's any more: belongs to somebody else" in now_of(text).error
    assert texts_at(twilio_simulator) == []


def test_without_a_next_number_the_text_is_cancelled() -> None:
    lead = reachable_lead(open_market())
    text = launched(lead)

    end_number(lead.owner.phone_links.get(), why="disconnected", by=None)
    deliver_events()

    assert now_of(text).state == State.CANCELLED


@pytest.mark.parametrize("bad", [{"status": "bad"}, {"line_type": "landline"}])
def test_a_number_that_takes_no_texts_is_no_next_one(bad: dict[str, str]) -> None:
    lead, first, second = two_numbers()
    PhoneNumber.objects.filter(pk=second.phone_id).update(**bad)
    text = launched(lead)

    end_number(first, why="disconnected", by=None)
    deliver_events()

    assert (now_of(text).state, now_of(text).phone) == (State.CANCELLED, first.phone)


def test_a_stopped_number_is_no_next_one_and_stays_stopped_whatever_happens_to_its_link() -> None:
    lead, first, second = two_numbers()
    text = launched(lead)
    Suppression.objects.create(
        number_hash=second.phone.number_hash, reason="opt_out", evidence="STOP", created_at=timezone.now()
    )

    end_number(first, why="disconnected", by=None)
    deliver_events()
    assert now_of(text).state == State.CANCELLED

    rep = UserFactory()
    end_number(second, why="reassigned", by=rep)
    reopen_number(second, by=rep)
    confirm_number(second, by=rep, note="")
    deliver_events()
    Message.objects.filter(pk=text.pk).update(phone=second.phone, state=State.QUEUED)
    assert judge(Message.objects.with_everything().get(pk=text.pk), timezone.now()).outcome == "blocked"
    assert Suppression.objects.active().count() == 1


def test_an_ended_campaign_queues_nothing_for_the_next_number() -> None:
    lead, first, _ = two_numbers()
    text = launched(lead)
    end_campaign(Campaign.objects.get(), by=None)
    Message.objects.filter(pk=text.pk).update(state=State.QUEUED)

    end_number(first, why="disconnected", by=None)
    deliver_events()

    assert now_of(text).state == State.CANCELLED


def test_a_text_of_a_person_does_not_wander_to_another_number() -> None:
    lead, first, _ = two_numbers()
    mine = MessageFactory(
        direction="out", origin="reply", state="queued", phone=first.phone, owner=lead.owner, lead=lead
    )

    end_number(first, why="disconnected", by=None)
    deliver_events()

    assert (now_of(mine).state, now_of(mine).phone) == (State.CANCELLED, first.phone)


def test_only_the_owner_whose_link_ended_is_touched() -> None:
    lead, first, _ = two_numbers()
    other = LeadFactory(market=lead.market)
    OwnerPhoneFactory(owner=other.owner, phone=first.phone)
    record_consent(other.owner, Consent.Basis.WEB_FORM, evidence="form", phone=first.phone)
    theirs = MessageFactory(
        direction="out", origin="campaign", state="queued", phone=first.phone, owner=other.owner, lead=other
    )

    end_number(first, why="reassigned", by=None)
    deliver_events()

    assert (now_of(theirs).state, now_of(theirs).phone) == (State.QUEUED, first.phone)
    assert Consent.objects.in_force().filter(owner=other.owner).exists()


def test_a_reassigned_number_takes_its_consent_along_and_opening_it_again_brings_none_back() -> None:
    lead, first, second = two_numbers()
    rep = UserFactory()
    of_number = record_consent(lead.owner, Consent.Basis.VERBAL, evidence="yes", phone=first.phone)
    of_other = record_consent(lead.owner, Consent.Basis.VERBAL, evidence="yes", phone=second.phone)

    end_number(first, why="reassigned", by=rep)
    deliver_events()
    reopen_number(first, by=rep)
    deliver_events()

    of_number.refresh_from_db()
    of_other.refresh_from_db()
    assert of_number.revoked_at is not None
    assert of_other.revoked_at is None
    assert (
        "ended: the number belongs to somebody else" in Event.objects.filter(kind="NoteAdded").latest("id").data["text"]
    )


def test_a_dead_number_ends_no_consent() -> None:
    lead, first, _ = two_numbers()
    consent = record_consent(lead.owner, Consent.Basis.VERBAL, evidence="yes", phone=first.phone)

    end_number(first, why="disconnected", by=None)
    deliver_events()

    consent.refresh_from_db()
    assert consent.revoked_at is None


def test_a_planned_call_goes_to_the_next_number() -> None:
    lead, first, second = two_numbers()
    task = CallTask.objects.create(
        lead=lead, owner=lead.owner, phone=first.phone, reason="First call", due_at=timezone.now()
    )

    end_number(first, why="disconnected", by=None)
    deliver_events()
    task.refresh_from_db()
    assert task.phone == second.phone

    end_number(second, why="disconnected", by=None)
    deliver_events()
    task.refresh_from_db()
    assert (task.phone, task.done_at) == (None, None)


def test_a_confirmed_number_takes_over_what_waits_for_the_others() -> None:
    lead, _, second = two_numbers()
    text = launched(lead)

    confirm_number(second, by=UserFactory(), note="called back")
    deliver_events()

    assert (now_of(text).phone, now_of(text).state) == (second.phone, State.QUEUED)


def test_audience_calls_and_gate_leave_a_switched_off_number_alone_until_it_is_back() -> None:
    lead, first, second = two_numbers()
    confirm_number(second, by=None, note="")
    draft = MessageFactory(
        direction="out",
        origin="campaign",
        state="queued",
        phone=first.phone,
        owner=lead.owner,
        lead=lead,
        market=lead.market,
    )

    assert with_numbers([lead])[0].phone == second.phone
    assert gather_facts(_whole(draft), timezone.now()).recipient.number_idle == (
        "another number of this owner is confirmed"
    )

    withdraw_confirmation(second, by=UserFactory())
    assert with_numbers([lead])[0].phone == first.phone
    assert gather_facts(_whole(draft), timezone.now()).recipient.number_idle == ""


def _whole(message: Message) -> Message:
    return Message.objects.with_everything().get(pk=message.pk)


def test_the_call_list_calls_the_confirmed_number() -> None:
    lead = reachable_lead(open_market(), consent=False)
    second = OwnerPhoneFactory(owner=lead.owner, rank=2)
    confirm_number(second, by=None, note="")

    assert fill_call_list(lead.market, 10) == 1

    assert CallTask.objects.get().phone == second.phone


def test_a_reply_from_a_switched_off_number_is_matched_and_may_be_answered() -> None:
    lead, first, second = two_numbers()
    with time_machine.travel(EARLIER, tick=False):
        confirm_number(second, by=None, note="")
    assert find_writer(first.phone, None, "Who is this?").owner == lead.owner

    assert queue_reply(lead.owner, first.phone, "It is Sam.", lead=lead, by=UserFactory()).code == "blocked"
    MessageFactory(phone=first.phone, owner=lead.owner, due_at=timezone.now(), processed_at=timezone.now())
    answered = queue_reply(lead.owner, first.phone, "It is Sam.", lead=lead, by=UserFactory())
    assert "another number" not in answered.message


def test_an_interested_reply_confirms_the_number_it_came_from() -> None:
    lead, first, second = two_numbers()
    reply = MessageFactory(phone=second.phone, owner=lead.owner, lead=lead, body="Yes, call me")
    rep = UserFactory(is_superuser=True)

    assert correct_label(reply, "interested", by=rep)
    assert correct_label(reply, "interested", by=rep)  # twice does no harm

    second.refresh_from_db()
    assert (second.confirmed_at, second.confirm_note) == (MONDAY_MORNING, "Reply: interested")
    assert list(OwnerPhone.objects.in_use().of_owner(lead.owner)) == [second]
    assert Event.objects.filter(kind="NumberConfirmed").count() == 1
    first.refresh_from_db()
    assert first.until is None


def test_a_reply_that_says_wrong_number_ends_the_link_with_its_words() -> None:
    lead, first, _ = two_numbers()
    reply = MessageFactory(phone=first.phone, owner=lead.owner, lead=lead, body="You have the wrong number")

    correct_label(reply, "wrong_number", by=UserFactory())

    first.refresh_from_db()
    assert (first.end_reason, "You have the wrong number" in first.end_note) == ("reassigned", True)
    assert Suppression.objects.active().get().reason == "wrong_number"


def test_the_next_step_goes_to_the_number_that_is_in_use_by_then(twilio_simulator: TwilioSimulator) -> None:
    lead, _, second = two_numbers()
    campaign = draft_campaign(lead.market)
    CampaignStepFactory(campaign=campaign, position=2, delay_days=3)
    launch_campaign(campaign, by=None)
    claimed = sending._claim(10, MONDAY_MORNING, SendReport())
    confirm_number(second, by=None, note="")  # while the first text is on its way

    hand_over(claimed, MONDAY_MORNING)
    progress.advance_due(MONDAY_MORNING + timedelta(days=3))

    assert Message.objects.get(step__position=2).phone == second.phone


def test_a_text_that_was_handed_over_stays_where_it_went() -> None:
    lead, first, _ = two_numbers()
    text = launched(lead)
    Message.objects.filter(pk=text.pk).update(state=State.SENDING, claimed_at=timezone.now(), attempts=1)
    SendAttempt.objects.create(message=text, number=1, started_at=timezone.now(), outcome="started")

    end_number(first, why="disconnected", by=None)
    deliver_events()

    assert (now_of(text).phone, now_of(text).state) == (first.phone, State.SENDING)


@pytest.mark.django_db(transaction=True)
def test_a_text_handed_over_while_the_number_ends_never_goes_to_both(twilio_simulator: TwilioSimulator) -> None:
    lead, first, _ = two_numbers()
    text = launched(lead)
    (claimed,) = sending._claim(10, MONDAY_MORNING, SendReport())
    end_number(first, why="disconnected", by=None)
    settled = threading.Thread(target=_settle, args=[lead])
    with transaction.atomic():
        assert SendAttempt.objects.begin([claimed], timezone.now()) == {claimed.pk: True}
        settled.start()
        settled.join(timeout=0.5)
        assert settled.is_alive()
    settled.join()

    assert (now_of(text).phone, now_of(text).state) == (first.phone, State.SENDING)


def _settle(lead: Lead) -> None:
    settle_numbers(lead.owner)
    connection.close()


def test_a_stop_from_an_ended_number_holds_when_it_is_opened_again() -> None:
    lead, first, _ = two_numbers()
    rep = UserFactory()
    end_number(first, why="disconnected", by=rep)
    opt_out(first.phone, evidence="STOP")

    reopen_number(first, by=rep)

    draft = MessageFactory(
        direction="out", origin="campaign", state="queued", phone=first.phone, owner=lead.owner, lead=lead,
        market=lead.market,
    )  # fmt: skip
    assert judge(_whole(draft), timezone.now()).outcome == "blocked"
