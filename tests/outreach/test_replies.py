from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from core.results import Result
from leads.models import Event, Lead, Owner
from leads.pipeline import move_lead
from outreach.inbound import unprocessed_from
from outreach.label_effects import EFFECTS
from outreach.models import CallTask, Message, ReplyLabel
from outreach.replies import apply_label, correct_label, label_reply, mark_handled
from outreach.suppressions import active_reasons
from outreach.waiting_replies import MAX_READINGS, label_waiting
from tests.factories import MessageFactory, OwnerPhoneFactory, UserFactory
from tests.outreach.conversations import Contact, contact, queued, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_model(settings):
    settings.OPENAI_API_KEY = ""


def reply_of(person: Contact, body: str = "…") -> Message:
    return MessageFactory(
        phone=person.phone, owner=person.owner, lead=person.lead, market=person.lead.market, body=body
    )


def a_label(label: str, tier: str = "small", **fields: object) -> ReplyLabel:
    return ReplyLabel(label=label, tier=tier, confidence=Decimal("0.9"), evidence="words", **fields)


def give(person: Contact, label: str, tier: str = "small") -> Message:
    message = reply_of(person)
    assert apply_label(message, a_label(label, tier))
    return message


def test_every_label_has_its_row_in_the_table():
    assert set(EFFECTS) == set(ReplyLabel.Label.values)


# What a label does


@pytest.mark.parametrize("label", ["interested", "send_offer"])
def test_interest_makes_the_lead_hot_and_tells(label):
    person = contact()

    message = give(person, label)

    assert person.stage() == "hot"
    assert (message.processed_at is not None, message.needs_person) == (True, False)
    event = Event.objects.get(kind="ReplyLabelled")
    assert (event.lead, event.data["label"], event.data["message"]) == (person.lead, label, message.pk)


def test_interest_never_moves_a_deal_back():
    person = contact(stage="under_contract")

    assert not give(person, "interested").needs_person
    assert person.stage() == "under_contract"


def test_interest_in_an_ended_lead_is_for_a_person():
    person = contact(stage="dead")

    assert give(person, "interested").needs_person
    assert person.stage() == "dead"


def test_interest_in_an_offer_leaves_it_an_offer():
    person = contact(stage="hot")
    assert move_lead(person.lead, "offer_made", by=None, reason="test")

    assert not give(person, "interested").needs_person
    assert person.stage() == "offer_made"


def test_interest_in_a_lead_that_was_disqualified_is_for_a_person():
    person = contact()
    assert move_lead(person.lead, "disqualified", by=None, reason="test")

    assert give(person, "interested").needs_person
    assert person.stage() == "disqualified"


@pytest.mark.parametrize(("label", "asks"), [("interested", True), ("not_interested", False), ("deceased", True)])
def test_a_former_owners_answer_does_nothing_to_the_new_owners_lead(label, asks):
    person = contact()
    message = reply_of(person)
    Lead.objects.filter(pk=person.lead.pk).update(owner=contact().owner)

    apply_label(message, a_label(label))

    assert (message.needs_person, person.stage()) == (asks, "contacted")
    assert not CallTask.objects.exists()


def test_no_interest_ends_the_lead_and_its_texts():
    person = contact()
    waiting = queued(person)

    message = give(person, "not_interested")

    assert person.stage() == "dead"
    assert state_of(waiting) == "cancelled"
    assert not message.needs_person
    assert Event.objects.filter(kind="StageChanged").first().data["reason"] == "Not interested: “words”"


def test_a_machine_ends_no_negotiation():
    person = contact(stage="hot")

    assert give(person, "not_interested").needs_person
    assert person.stage() == "hot"


def test_a_wrong_number_closes_the_number_and_not_the_owner():
    person = contact()
    other = OwnerPhoneFactory(owner=person.owner)
    waiting = queued(person)

    give(person, "wrong_number")

    assert active_reasons(person.phone, person.owner) == ["wrong_number"]
    assert person.link().until is not None
    assert state_of(waiting) == "cancelled"
    assert active_reasons(other.phone, person.owner) == []
    assert person.stage() == "contacted"


def test_a_death_makes_an_estate_and_a_search_for_heirs():
    person = contact()
    waiting = queued(person)

    give(person, "deceased")
    give(person, "deceased")

    assert active_reasons(person.phone, person.owner) == ["deceased"]
    assert Owner.objects.get(pk=person.owner.pk).kind == "estate"
    task = CallTask.objects.get()
    assert (task.lead, task.owner, task.reason) == (person.lead, person.owner, "Find the heirs: the owner has died.")
    assert state_of(waiting) == "cancelled"


def test_a_search_for_heirs_takes_the_place_of_a_call_to_the_owner():
    person = contact()
    call = CallTask.objects.create(
        lead=person.lead, owner=person.owner, phone=person.phone, reason="Call back", due_at=timezone.now()
    )

    give(person, "deceased")

    call.refresh_from_db()
    assert (call.outcome, call.note) == ("cancelled", "A reply says the owner has died.")
    assert CallTask.objects.open().get().reason == "Find the heirs: the owner has died."


def test_a_death_without_a_lead_is_for_a_person():
    person = contact()
    message = MessageFactory(phone=person.phone, owner=person.owner, lead=None)

    apply_label(message, a_label("deceased"))

    assert message.needs_person
    assert not CallTask.objects.exists()


@pytest.mark.parametrize("kind", ["company", "government", "heirs", "trust"])
def test_who_does_not_die_becomes_no_estate(kind):
    person = contact(kind=kind)

    give(person, "deceased")

    assert Owner.objects.get(pk=person.owner.pk).kind == kind


def test_hostility_cancels_and_asks_a_person():
    person = contact()
    waiting = queued(person)

    message = give(person, "hostile")

    assert message.needs_person
    assert state_of(waiting) == "cancelled"
    assert active_reasons(person.phone, person.owner) == []
    assert unprocessed_from(person.phone) == 1


def test_confusion_asks_a_person_and_cancels_nothing():
    person = contact()
    waiting = queued(person)

    assert give(person, "confused").needs_person
    assert state_of(waiting) == "queued"
    assert person.stage() == "engaged"


def test_a_model_may_add_an_opt_out():
    person = contact()
    waiting = queued(person)

    give(person, "opt_out")

    assert active_reasons(person.phone, person.owner) == ["opt_out"]
    assert state_of(waiting) == "cancelled"
    assert Event.objects.of_kind("OwnerOptedOut").get().owner == person.owner


@pytest.mark.parametrize("label", ReplyLabel.Label.values)
def test_a_stranger_without_owner_and_lead_breaks_no_label(label):
    assert apply_label(MessageFactory(), a_label(label))


# Corrections


def test_a_persons_label_replaces_the_machines():
    person, rep = contact(), UserFactory(is_superuser=True)
    message = give(person, "confused")

    result = correct_label(message, "interested", by=rep)

    assert result
    current = ReplyLabel.objects.current_of(message)
    assert (current.label, current.tier, current.corrected_by) == ("interested", "person", rep)
    assert message.labels.count() == 2
    assert (message.needs_person, person.stage()) == (False, "hot")
    assert unprocessed_from(person.phone) == 0
    assert Event.objects.filter(kind="StageChanged").first().actor == rep


def test_a_correction_lifts_no_opt_out():
    person = contact()
    message = give(person, "opt_out")

    correct_label(message, "interested", by=UserFactory(is_superuser=True))

    assert active_reasons(person.phone, person.owner) == ["opt_out"]


def test_a_person_ends_a_negotiation():
    person = contact(stage="hot")

    correct_label(reply_of(person), "not_interested", by=UserFactory(is_superuser=True))

    assert person.stage() == "dead"


def test_a_person_who_labels_needs_no_person():
    message = reply_of(contact())

    correct_label(message, "confused", by=UserFactory())

    assert (message.needs_person, message.processed_at is not None) == (False, True)


def test_an_unknown_label_is_declined_and_nothing_written():
    message = reply_of(contact())

    result = correct_label(message, "maybe", by=UserFactory())

    assert (bool(result), result.code) == (False, "unknown_label")
    assert not message.labels.exists()
    message.refresh_from_db()
    assert message.processed_at is None


def test_our_own_text_has_no_label():
    text, rep = queued(contact()), UserFactory()

    declined: list[Result] = [correct_label(text, "interested", by=rep), mark_handled(text, by=rep)]

    assert [result.code for result in declined] == ["not_a_reply", "not_a_reply"]
    assert not ReplyLabel.objects.exists()


def test_a_reply_read_by_a_person_holds_nothing_any_more():
    person, rep = contact(), UserFactory()
    message = give(person, "hostile")

    assert mark_handled(message, by=rep)

    assert unprocessed_from(person.phone) == 0
    assert Event.objects.get(kind="NoteAdded").actor == rep


def test_a_machine_does_not_overrule_a_person():
    person = contact()
    message = reply_of(person)
    late = Message.objects.get(pk=message.pk)
    correct_label(message, "not_interested", by=UserFactory(is_superuser=True))

    assert apply_label(late, a_label("interested")) is None

    assert ReplyLabel.objects.get().label == "not_interested"
    assert person.stage() == "dead"


# The tiers


def test_the_rules_come_first_and_need_no_model():
    message = reply_of(contact(), "Please send me an offer")

    label = label_reply(message)

    assert (label.label, label.tier) == ("send_offer", "rules")
    assert label.evidence in message.body


def test_without_a_key_what_the_rules_leave_goes_to_a_person():
    message = reply_of(contact(), "ok")

    assert label_waiting() == 1

    message.refresh_from_db()
    assert (message.needs_person, message.error) == (True, "No language model is set up.")
    assert not message.labels.exists()
    assert label_waiting() == 0


def test_a_leased_reply_is_asked_about_by_one_worker():
    message = reply_of(contact(), "ok")
    now = timezone.now()

    assert Message.objects.lease_undecided(now, 5) == [message]
    assert Message.objects.lease_undecided(now, 5) == []
    assert [again.attempts for again in Message.objects.lease_undecided(now + timedelta(seconds=61), 5)] == [2]


def test_a_reply_that_cannot_be_settled_stops_no_other(settings):
    bad, good = reply_of(contact(), "ok"), reply_of(contact(), "well")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.refuse() RETURNS trigger AS $$ BEGIN RAISE 'no'; END $$ LANGUAGE plpgsql"
        )
        cursor.execute(
            "CREATE TRIGGER refuse BEFORE UPDATE OF needs_person ON outreach_message FOR EACH ROW"
            f" WHEN (NEW.needs_person AND NEW.id = {bad.pk}) EXECUTE FUNCTION pg_temp.refuse()"
        )

    assert label_waiting() == 1

    for reply in (bad, good):
        reply.refresh_from_db()
    assert (bad.processed_at, unprocessed_from(bad.phone)) == (None, 1)
    assert good.needs_person


def test_after_too_many_questions_a_person_is_asked():
    message = reply_of(contact(), "ok")
    Message.objects.filter(pk=message.pk).update(attempts=MAX_READINGS)

    with time_machine.travel(timezone.now(), tick=False):
        assert label_waiting() == 1

    message.refresh_from_db()
    assert (message.needs_person, message.error) == (True, "The language model could not be reached.")
