from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import redis
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from leads.models import Event, OwnerPhone, PhoneNumber
from leads.numbers import end_number
from outreach import tasks
from outreach.consents import current_consent
from outreach.inbound import process_waiting, unprocessed_from
from outreach.models import (
    DeliveryStatus,
    Letter,
    LetterExport,
    Message,
    ReplyLabel,
    Suppression,
    TemplateVariant,
    WebhookEvent,
)
from outreach.suppressions import active_reasons
from tests.factories import (
    LeadFactory,
    MessageTemplateFactory,
    OwnerPhoneFactory,
    SenderNumberFactory,
    TemplateVariantFactory,
)
from tests.outreach.conversations import Contact, a_sender, contact, queued, state_of, texted
from tests.outreach.twilio_requests import sid, stored_status, stored_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Contact:
    """An owner we have texted."""
    person = contact()
    texted(person)
    return person


def reply(person: Contact, body: str, number: int = 1, **more: str) -> Message:
    stored_text(person.phone.number, body, number, **more)
    process_waiting()
    return Message.objects.get(sid=sid(number))


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


# A reply becomes a message


def test_a_reply_joins_the_thread_of_owner_lead_and_market(owner):
    message = reply(owner, "What would you pay?")

    assert (message.owner, message.lead, message.market) == (owner.owner, owner.lead, owner.lead.market)
    assert (message.direction, message.state, message.body) == ("in", "received", "What would you pay?")
    assert message.sender == a_sender()
    event = WebhookEvent.objects.get()
    assert (event.processed_at is not None, event.attempts, event.error) == (True, 1, "")
    assert message.due_at == event.received_at


def test_a_reply_knows_the_text_from_a_template_that_it_answers(owner):
    assert reply(owner, "Who is this?").answers is None
    sent = Message.objects.get(direction="out")
    Message.objects.filter(pk=sent.pk).update(variant=TemplateVariantFactory(), claimed_at=timezone.now())

    found = reply(owner, "What would you pay?", 2)
    assert (found.answers, found.variant) == (sent, TemplateVariant.objects.get())


def test_a_reply_engages_the_lead_and_says_so_in_order(owner):
    reply(owner, "ok")

    assert owner.stage() == "engaged"
    assert kinds()[-2:] == ["ReplyReceived", "StageChanged"]


def test_a_label_the_rules_are_sure_of_is_given_at_once(owner):
    message = reply(owner, "Send me an offer")

    assert message.labels.get().label == "send_offer"
    assert message.processed_at is not None
    assert owner.stage() == "hot"
    assert kinds()[-5:] == [
        "ReplyReceived", "ReplyLabelled", "NumberConfirmed", "StageChanged", "StageChanged",
    ]  # fmt: skip


def test_an_undecided_reply_holds_the_number_until_it_is_read(owner):
    message = reply(owner, "ok")

    assert (message.processed_at, message.needs_person) == (None, False)
    assert not message.labels.exists()
    assert unprocessed_from(owner.phone) == 1


def test_a_stored_text_holds_the_number_before_anybody_looked_at_it(owner):
    stored_text(owner.phone.number, "STOP")

    assert unprocessed_from(owner.phone) == 1
    assert WebhookEvent.objects.waiting_hashes([owner.phone.number_hash]) == {owner.phone.number_hash}


def test_the_same_webhook_processed_again_changes_nothing(owner):
    stored_text(owner.phone.number, "Send me an offer")
    process_waiting()
    before = kinds()
    WebhookEvent.objects.update(processed_at=None)

    assert process_waiting() == 1

    assert Message.objects.replies().count() == 1
    assert ReplyLabel.objects.count() == 1
    assert kinds() == before


def test_bytes_postgresql_cannot_store_do_not_lose_the_reply(owner):
    assert reply(owner, "call me\x00 maybe").body == "call me maybe"


def test_an_event_that_explodes_is_kept_with_its_error_and_stops_no_other(owner):
    broken = stored_text(owner.phone.number, "STOP", 1)
    WebhookEvent.objects.filter(pk=broken.pk).update(kind="fax")
    stored_text(owner.phone.number, "What would you pay?", 2)

    assert process_waiting() == 1
    process_waiting()

    broken.refresh_from_db()
    assert (broken.attempts, broken.processed_at, broken.error) == (2, None, "KeyError: 'fax'")
    assert Message.objects.replies().get().sid == sid(2)
    assert unprocessed_from(owner.phone) == 1


def test_an_event_that_always_explodes_is_left_to_a_person_who_is_told_once(owner):
    broken = stored_text(owner.phone.number, "STOP")
    WebhookEvent.objects.filter(pk=broken.pk).update(kind="fax", attempts=19)

    process_waiting()
    process_waiting()

    broken.refresh_from_db()
    assert broken.attempts == 20
    assert unprocessed_from(owner.phone) == 1
    alarm = Event.objects.get(kind="ProviderAlarm")
    assert alarm.data["title"] == f"Webhook {broken.pk} could not be read after many attempts; it may be a reply"


def test_a_reply_stops_what_campaigns_still_had_for_this_owner_and_nothing_else(owner):
    follow_up = queued(owner)
    written = queued(owner, "As agreed, I will call at five.", origin="reply")
    elsewhere = queued(contact())

    reply(owner, "What would you pay?")

    assert [state_of(text) for text in (follow_up, written, elsewhere)] == ["cancelled", "queued", "queued"]


# Who wrote


def test_of_two_owners_sharing_a_number_the_one_last_texted_from_that_sender_wrote(owner):
    ours = SenderNumberFactory()
    other = contact(phone=owner.phone, rank=2)
    texted(other, sender=ours, at=timezone.now())

    assert reply(owner, "ok", 1).owner == owner.owner
    assert reply(owner, "ok", 2, To=ours.number).owner == other.owner


def test_without_a_text_of_ours_the_best_ranked_owner_wrote():
    second = contact(rank=2)
    first = contact(phone=second.phone, rank=1)

    assert reply(first, "ok").owner == first.owner


def test_an_owner_whose_link_has_ended_did_not_write(owner):
    end_number(owner.link(), why="disconnected", by=None)

    message = reply(owner, "ok")

    assert (message.owner, message.lead) == (None, None)


def test_the_open_lead_is_taken_when_the_texted_one_has_ended():
    ended = contact(stage="dead")
    texted(ended)
    alive = LeadFactory(owner=ended.owner)

    assert reply(ended, "ok").lead == alive


def test_an_unknown_number_is_kept_shown_and_left_to_a_person():
    a_sender()
    stored_text("+13185550000", "I have land to sell")

    assert process_waiting() == 1

    message = Message.objects.of_strangers().get()
    assert (message.owner, message.needs_person) == (None, True)
    assert message.phone.number == "+13185550000"
    assert unprocessed_from(message.phone) == 1


# Stop means stop


@pytest.mark.parametrize(
    "words", ["STOP", "quit", "cancel", "END", "Don't text me", "take me off your list", "ya no me escriba"]
)
def test_an_opt_out_suppresses_cancels_and_is_settled_at_once(owner, words):
    waiting = queued(owner)

    message = reply(owner, words)

    assert active_reasons(owner.phone, owner.owner) == ["opt_out"]
    assert state_of(waiting) == "cancelled"
    assert (message.processed_at is not None, message.needs_person) == (True, False)
    assert message.labels.get().label == "opt_out"
    assert owner.stage() == "contacted"
    assert current_consent(owner.owner, owner.phone) is None


@pytest.mark.parametrize(
    "words",
    ["I can't stop by today, how much?", "Please send me an offer", "end of the month works", "I can stop by at 5"],
)
def test_words_that_only_sound_like_it_opt_nobody_out(owner, words):
    waiting = queued(owner, origin="reply")

    reply(owner, words)

    assert active_reasons(owner.phone, owner.owner) == []
    assert state_of(waiting) == "queued"


def test_a_shared_number_opts_both_owners_out(owner):
    other = contact(phone=owner.phone, rank=2)
    waiting = [queued(owner), queued(other)]

    reply(owner, "STOP")

    assert active_reasons(owner.phone, other.owner) == ["opt_out"]
    assert [state_of(message) for message in waiting] == ["cancelled", "cancelled"]
    assert Event.objects.of_kind("OwnerOptedOut").count() == 2


def test_the_stop_of_an_unknown_number_survives_its_import():
    stored_text("+13185550000", "Stop texting me")
    process_waiting()

    phone = PhoneNumber.objects.known("+13185550000")
    link = OwnerPhoneFactory(phone=phone, source="skip_trace")

    assert active_reasons(phone, link.owner) == ["opt_out"]


@pytest.mark.parametrize("words", ["YES", "Yes please", "go ahead, text me"])
def test_yes_lifts_nothing(owner, words):
    reply(owner, "STOP", 1)
    reply(owner, words, 2, OptOutType="START")

    assert active_reasons(owner.phone, owner.owner) == ["opt_out"]


@pytest.mark.parametrize("words", ["START", "unstop"])
def test_start_lifts_the_opt_out_and_is_a_consent(owner, words):
    reply(owner, "STOP", 1)
    message = reply(owner, words, 2)

    assert active_reasons(owner.phone, owner.owner) == []
    consent = current_consent(owner.owner, owner.phone)
    assert (consent.basis, words in consent.evidence) == ("inbound", True)
    assert message.processed_at is not None
    assert "OptOutLifted" in kinds()


def test_a_start_overtaken_by_a_later_stop_lifts_nothing(owner):
    reply(owner, "stop", 1)
    late = stored_text(owner.phone.number, "START", 2)
    reply_at = timezone.now() - timedelta(minutes=5)
    WebhookEvent.objects.filter(pk=late.pk).update(received_at=reply_at)

    process_waiting()

    assert active_reasons(owner.phone, owner.owner) == ["opt_out"]


def test_the_providers_own_verdict_counts_whatever_the_words(owner):
    reply(owner, "arrêt", OptOutType="STOP")

    assert active_reasons(owner.phone, owner.owner) == ["opt_out"]


def test_what_may_be_an_opt_out_is_held_for_a_person(owner):
    message = reply(owner, "this is spam")

    assert (message.needs_person, message.processed_at is not None) == (True, True)
    assert active_reasons(owner.phone, owner.owner) == []
    assert unprocessed_from(owner.phone) == 1
    assert owner.stage() == "contacted"


@pytest.mark.parametrize("words", ["STOP", "please take me off your list"])
def test_nothing_is_sent_to_a_number_that_opted_out_not_even_a_confirmation(owner, words):
    before = Message.objects.filter(direction="out").count()

    reply(owner, words)

    assert Message.objects.filter(direction="out").count() == before


# Consent


def test_whoever_writes_first_has_asked_to_be_answered():
    person = contact(stage="qualified")

    reply(person, "I have land near Zachary, are you buying?")

    assert current_consent(person.owner, person.phone).basis == "inbound"


@pytest.mark.parametrize("words", ["STOP", "this is spam"])
def test_writing_first_to_refuse_is_no_consent(words):
    person = contact(stage="qualified")

    reply(person, words)

    assert current_consent(person.owner, person.phone) is None


def test_an_answer_to_our_text_is_no_consent(owner):
    reply(owner, "How much?")

    assert current_consent(owner.owner, owner.phone) is None


def letter_to(person: Contact, code: str) -> Letter:
    export = LetterExport.objects.create(market=person.lead.market, template=MessageTemplateFactory(purpose="letter"))
    return Letter.objects.create(export=export, lead=person.lead, owner=person.owner, code=code)


def test_a_letters_code_names_the_owner_and_is_a_consent_for_the_new_number():
    person = contact(stage="qualified")
    letter_to(person, "K7M2QXR4")
    stored_text("+13185550000", "Hi, k7m2qxr4, what is your offer?")

    process_waiting()

    phone = PhoneNumber.objects.known("+13185550000")
    message = Message.objects.replies().get()
    assert (message.owner, message.lead) == (person.owner, person.lead)
    assert current_consent(person.owner, phone).basis == "letter_reply"
    assert OwnerPhone.objects.get(phone=phone, until=None).owner == person.owner
    assert person.stage() == "hot"


def test_a_code_beside_a_stop_is_no_consent():
    person = contact(stage="qualified")
    letter_to(person, "K7M2QXR4")
    stored_text("+13185550000", "K7M2QXR4 stop sending me letters")

    process_waiting()

    phone = PhoneNumber.objects.known("+13185550000")
    assert current_consent(person.owner, phone) is None
    assert active_reasons(phone, person.owner) == ["opt_out"]


# Statuses


@pytest.mark.parametrize("order", [("sent", "delivered"), ("delivered", "sent")])
def test_statuses_in_either_order_end_delivered(owner, order):
    message = texted(owner, state="sent")
    for status in order:
        stored_status(message.token, message.sid, status)
        process_waiting()

    assert state_of(message) == "delivered"
    assert DeliveryStatus.objects.filter(message=message).count() == 2


def test_a_status_of_nothing_we_sent_is_kept_with_its_error():
    event = stored_status(uuid.uuid4(), sid(99), "delivered")

    process_waiting()

    event.refresh_from_db()
    assert (event.error, event.processed_at is not None) == ("no such message", True)
    assert json.loads(event.payload)["MessageStatus"] == "delivered"


def test_a_status_finds_its_message_by_sid_when_the_token_is_unknown(owner):
    message = texted(owner, state="sent")
    stored_status(uuid.uuid4(), message.sid, "delivered")

    process_waiting()

    assert state_of(message) == "delivered"


# Two workers


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_queue_and_do_everything_once():
    people = [contact() for _ in range(6)]
    for number, person in enumerate(people):
        texted(person)
        stored_text(person.phone.number, "STOP" if number % 2 else "Send me an offer", number)

    def work(_: int) -> int:
        try:
            return sum(process_waiting(limit=50) for _ in range(2))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, range(2)))

    assert sum(done) == 6
    assert Message.objects.replies().count() == 6
    assert Suppression.objects.count() == 3
    assert Event.objects.of_kind("ReplyReceived").count() == 6
    assert set(WebhookEvent.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_an_event_another_worker_holds_is_passed_over():
    person = contact()
    held = stored_text(person.phone.number, "STOP", 1)
    stored_text("+13185550000", "ok", 2)

    def work() -> int:
        try:
            return process_waiting()
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert WebhookEvent.objects.claim(held.pk)
        assert pool.submit(work).result() == 1

    assert process_waiting() == 1
    assert Message.objects.replies().count() == 2


def test_the_task_works_off_what_waits_and_wakes_the_labelling(owner, settings):
    valkey = redis.Redis.from_url(settings.REDIS_URL)
    cache.clear()
    valkey.delete("outreach")
    stored_text(owner.phone.number, "ok")

    assert tasks.process_webhooks() == 1
    assert tasks.process_webhooks() == 0

    assert [json.loads(task)["headers"]["task"] for task in valkey.lrange("outreach", 0, -1)] == [
        "outreach.tasks.label_waiting_replies"
    ]


def woken(valkey: redis.Redis) -> list[str]:
    """The tasks that were queued since the last look."""
    queued = [json.loads(task)["headers"]["task"].rpartition(".")[2] for task in valkey.lrange("outreach", 0, -1)]
    valkey.delete("outreach")
    return sorted(queued)


@pytest.mark.django_db(transaction=True)
def test_a_batch_two_workers_share_wakes_the_next_one(settings):
    valkey = redis.Redis.from_url(settings.REDIS_URL)
    cache.clear()
    woken(valkey)
    held = stored_text("+13185550001", "ok", 1)
    stored_text("+13185550002", "ok", 2)

    def work() -> int:
        try:
            return tasks.process_webhooks()
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert WebhookEvent.objects.claim(held.pk)
        assert pool.submit(work).result() == 1
        assert woken(valkey) == ["label_waiting_replies", "process_webhooks"]
        assert pool.submit(work).result() == 0
    assert woken(valkey) == []


def test_the_labelling_wakes_itself_until_it_settles_nothing(owner, settings):
    settings.OPENAI_API_KEY = ""
    valkey = redis.Redis.from_url(settings.REDIS_URL)
    stored_text(owner.phone.number, "everything has its price")
    process_waiting()
    cache.clear()
    woken(valkey)

    assert tasks.label_waiting_replies() == 1
    assert woken(valkey) == ["label_waiting_replies"]
    assert tasks.label_waiting_replies() == 0
    assert woken(valkey) == []
