"""What the provider says of a number: not valid, not in service, ported."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.outbox import deliver_events
from leads.models import Event, OwnerPhone
from local.twilio_simulator import TwilioSimulator
from outreach.delivery import apply_status
from outreach.lookups import check_due_lines, check_line
from outreach.models import Message
from tests.factories import MarketFactory, MessageFactory, OwnerPhoneFactory, PhoneNumberFactory
from tests.outreach.campaign_setting import MONDAY_MORNING
from tests.outreach.conversations import contact, queued, texted

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "note"),
    [
        (21211, "Provider: not a valid phone number"),
        (21614, "Provider: not a mobile number"),
        (21612, None),
        (30005, None),
    ],
)
def test_an_error_about_the_number_ends_it_and_one_about_the_sender_does_not(code: int, note: str | None) -> None:
    owner = contact()
    text = texted(owner, state="sent")

    apply_status(text, "failed", code, MONDAY_MORNING, sid=str(text.sid))

    link = owner.link()
    assert (link.end_note or None, link.until is None) == (note, note is None)


def test_the_second_30005_ends_the_number_and_what_waits_goes_to_the_next() -> None:
    owner = contact()
    second = OwnerPhoneFactory(owner=owner.owner, rank=2)
    for _ in range(2):
        text = texted(owner, state="sent")
        apply_status(text, "undelivered", 30005, MONDAY_MORNING, sid=str(text.sid))
    waiting = queued(owner)

    deliver_events()

    assert OwnerPhone.objects.owners_of(owner.phone) == []
    assert list(OwnerPhone.objects.in_use().of_owner(owner.owner)) == [second]
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"  # of no campaign that goes on


def test_a_number_that_look_up_does_not_know_ends_for_every_owner(twilio_simulator: TwilioSimulator) -> None:
    phone = PhoneNumberFactory(number="+12250001234", line_type="unknown", status="unchecked")
    links = [OwnerPhoneFactory(phone=phone), OwnerPhoneFactory(phone=phone)]

    assert check_line(phone, MarketFactory(), MONDAY_MORNING)

    for link in links:
        link.refresh_from_db()
        assert (link.end_reason, link.end_note, link.ended_by) == (
            "disconnected",
            "Look-up: not a valid number",
            None,
        )


def test_a_ported_number_stays_with_its_owner_and_counts_at_its_new_carrier(twilio_simulator: TwilioSimulator) -> None:
    old = MONDAY_MORNING - timedelta(days=91)
    phone = PhoneNumberFactory(
        number="+12255780005", line_type="landline", carrier="AT&T Southeast", status="active", checked_at=old
    )
    link = OwnerPhoneFactory(phone=phone)

    assert check_line(phone, MarketFactory(), MONDAY_MORNING)

    phone.refresh_from_db()
    link.refresh_from_db()
    assert (phone.line_type, phone.checked_at, link.until) == ("mobile", MONDAY_MORNING, None)
    assert phone.history.earliest().carrier == "AT&T Southeast"
    told = Event.objects.get(kind="NumberPorted")
    assert (told.owner, told.data["before"]) == (link.owner, {"line_type": "landline", "carrier": "AT&T Southeast"})
    assert told.data["after"] == {"line_type": "mobile", "carrier": phone.carrier}
    MessageFactory(
        direction="out", origin="reply", state="sent", sid="SM" + "9" * 32, phone=phone, claimed_at=MONDAY_MORNING,
        market=MarketFactory(),
    )  # fmt: skip
    assert [use.carrier for use in Message.objects.uses_since(old)] == [phone.carrier]


def test_an_answer_is_asked_for_anew_after_90_days_only_where_one_was_paid_for(
    twilio_simulator: TwilioSimulator,
) -> None:
    market = MarketFactory()
    asked, never_asked = PhoneNumberFactory(number="+12255780005", line_type="unknown"), PhoneNumberFactory()
    for phone in (asked, never_asked):
        MessageFactory(
            direction="out", origin="reply", state="queued", phone=phone, market=market, due_at=MONDAY_MORNING
        )

    assert check_due_lines(10, MONDAY_MORNING) == 1
    assert check_due_lines(10, MONDAY_MORNING + timedelta(days=89)) == 0
    assert check_due_lines(10, MONDAY_MORNING + timedelta(days=90)) == 1
