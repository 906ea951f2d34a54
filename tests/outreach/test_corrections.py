"""What a wrong label did is undone as far as the person may, and never an opt-out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group

from core.models import User
from leads.pipeline import move_lead
from outreach.corrections import Correction, correct_reply
from outreach.models import CallTask, Message, ReplyLabel, Suppression
from outreach.replies import apply_label
from outreach.suppressions import active_reasons
from tests.factories import UserFactory
from tests.outreach.conversations import Contact, contact, queued, state_of, texted

pytestmark = pytest.mark.django_db


def somebody(role: str) -> User:
    user: User = UserFactory()
    user.groups.add(Group.objects.get(name=role))
    return User.objects.get(pk=user.pk)


def read_as(someone: Contact, label: str) -> Message:
    """A reply that a machine has labelled so."""
    texted(someone)
    message = Message.objects.create(
        direction="in", origin="inbound", state="received", phone=someone.phone, owner=someone.owner,
        lead=someone.lead, market=someone.lead.market, body="These are the words.", due_at=someone.lead.created_at,
    )  # fmt: skip
    apply_label(message, ReplyLabel(label=label, tier="small", model="tiny", confidence=Decimal("0.9")))
    return Message.objects.get(pk=message.pk)


def corrected(message: Message, label: str, role: str = "rep") -> Correction:
    told = correct_reply(message, label, by=somebody(role)).value
    assert told is not None
    return told


def test_a_lead_that_was_not_interested_after_all_cools_down() -> None:
    someone = contact()
    message = read_as(someone, "interested")
    assert (someone.stage(), someone.link().confirmed_at is not None) == ("hot", True)

    told = corrected(message, "confused")

    assert (someone.stage(), someone.link().confirmed_at) == ("engaged", None)
    assert told.undone[1] == "The lead is in “Engaged” again."
    assert told.stays == []


def test_what_the_right_label_does_as_well_is_not_undone() -> None:
    someone = contact()

    told = corrected(read_as(someone, "interested"), "send_offer")

    assert (someone.stage(), told.undone) == ("hot", [])


def test_a_lead_that_was_moved_since_stays_where_it_is() -> None:
    someone = contact()
    message = read_as(someone, "interested")
    move_lead(someone.lead, "offer_made", by=None, reason="We called.")

    assert corrected(message, "confused").undone == [f"{someone.phone} is not confirmed any more."]
    assert someone.stage() == "offer_made"


def test_a_lead_that_a_machine_gave_up_is_worked_again_by_a_reps_correction() -> None:
    someone = contact()
    waiting = queued(someone)
    message = read_as(someone, "not_interested")
    assert someone.stage() == "dead"

    told = corrected(message, "interested")

    assert someone.stage() == "hot"
    assert told.undone == ["The lead is in “Contacted” again."]
    assert told.stays == ["Texts that were cancelled stay so."]
    assert state_of(waiting) == "cancelled"


def test_what_a_person_gave_up_takes_a_manager() -> None:
    someone = contact()
    message = read_as(someone, "confused")
    corrected(message, "not_interested")

    told = corrected(message, "confused")
    assert someone.stage() == "dead"
    assert "The lead stays “Dead”" in told.stays[-1]

    other = contact()
    message = read_as(other, "confused")
    corrected(message, "not_interested")
    assert corrected(message, "confused", role="manager").stays == []
    assert other.stage() == "engaged"


@pytest.mark.parametrize(("role", "lifted"), [("rep", False), ("manager", True)])
def test_a_wrong_number_that_was_none_is_lifted_by_managers_alone(role: str, lifted: bool) -> None:
    someone = contact()
    message = read_as(someone, "wrong_number")
    assert someone.link().until is not None

    told = corrected(message, "interested", role=role)

    assert (someone.link().until is None) is lifted
    assert active_reasons(someone.phone, someone.owner) == ([] if lifted else ["wrong_number"])
    assert len(told.stays) == (0 if lifted else 2)


def test_what_another_reply_says_too_stays_until_that_is_corrected() -> None:
    someone = contact()
    first, second = read_as(someone, "wrong_number"), read_as(someone, "wrong_number")

    told = corrected(first, "hostile", role="manager")

    assert active_reasons(someone.phone, someone.owner) == ["wrong_number"]
    assert someone.link().until is not None
    assert told.stays == ["What “Wrong number” did stays: another reply of this number says the same."]

    assert corrected(second, "hostile", role="manager").stays == []
    assert active_reasons(someone.phone, someone.owner) == []
    assert someone.link().until is None


@pytest.mark.parametrize("role", ["rep", "manager"])
def test_who_is_alive_after_all_is_a_person_again_and_nobody_looks_for_heirs(role: str) -> None:
    someone = contact()
    message = read_as(someone, "deceased")
    someone.owner.refresh_from_db()
    assert (someone.owner.kind, CallTask.objects.open().count()) == ("estate", 1)

    told = corrected(message, "interested", role=role)

    someone.owner.refresh_from_db()
    assert (someone.owner.kind, CallTask.objects.get().outcome) == ("person", "cancelled")
    assert "Nobody has to look for heirs." in told.undone
    assert "The call that was to be made stays cancelled." not in told.stays
    assert active_reasons(someone.phone, someone.owner) == (["deceased"] if role == "rep" else [])


def test_a_call_that_made_way_for_the_search_for_heirs_is_told() -> None:
    someone = contact()
    CallTask.objects.create(
        lead=someone.lead, owner=someone.owner, phone=someone.phone, reason="Call back", due_at=someone.lead.created_at
    )

    told = corrected(read_as(someone, "deceased"), "interested")

    assert "The call that was to be made stays cancelled." in told.stays
    assert not CallTask.objects.open().exists()


@pytest.mark.parametrize("role", ["rep", "manager", "administrator"])
def test_no_correction_lifts_an_opt_out(role: str) -> None:
    someone = contact()
    message = read_as(someone, "opt_out")

    told = corrected(message, "interested", role=role)

    assert active_reasons(someone.phone, someone.owner) == ["opt_out"]
    assert told.stays == ["The opt-out stays: only a manager lifts it, with a reason."]


def test_a_correction_to_an_opt_out_stops_at_once_and_cools_the_lead() -> None:
    someone = contact()
    message = read_as(someone, "interested")

    corrected(message, "opt_out")

    assert active_reasons(someone.phone, someone.owner) == ["opt_out"]
    assert someone.stage() == "engaged"


def test_the_same_label_confirms_and_an_unknown_one_changes_nothing() -> None:
    someone = contact()
    message = read_as(someone, "interested")

    assert corrected(message, "interested").undone == []
    assert correct_reply(message, "lovely", by=somebody("rep")).code == "unknown_label"
    assert (someone.stage(), ReplyLabel.objects.current_of(message).tier) == ("hot", "person")
    assert not Suppression.objects.exists()
