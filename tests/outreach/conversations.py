"""Owners we have texted, as the tests of what comes back need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from leads.models import Lead, Owner, OwnerPhone, PhoneNumber
from leads.pipeline import move_lead
from outreach.models import Message, SenderNumber
from tests.factories import LeadFactory, OwnerFactory, OwnerPhoneFactory, PhoneNumberFactory, SenderNumberFactory
from tests.outreach.twilio_requests import SENDER, sid

LONG_AGO = datetime(2026, 1, 6, 16, tzinfo=UTC)
_numbers = count(1)


@dataclass
class Contact:
    owner: Owner
    phone: PhoneNumber
    lead: Lead

    def stage(self) -> str:
        return str(Lead.objects.get(pk=self.lead.pk).stage)

    def link(self) -> OwnerPhone:
        return OwnerPhone.objects.get(owner=self.owner, phone=self.phone)


def a_sender() -> SenderNumber:
    return SenderNumber.objects.addressed(SENDER) or SenderNumberFactory(number=SENDER)


def contact(*, phone: PhoneNumber | None = None, stage: str = "contacted", rank: int = 1, **owner: str) -> Contact:
    """An owner with a number and a lead that has come as far as `stage`."""
    link = OwnerPhoneFactory(owner=OwnerFactory(**owner), phone=phone or PhoneNumberFactory(), rank=rank)
    lead = LeadFactory(owner=link.owner)
    path = {"ingested": (), "dead": ("dead",), "qualified": ("qualified",)}.get(stage, ("qualified", "contacted"))
    later = {"hot": ("hot",), "under_contract": ("hot", "offer_made", "under_contract")}.get(stage, ())
    for step in (*path, *later):
        assert move_lead(lead, step, by=None, reason="test")
    return Contact(link.owner, link.phone, Lead.objects.get(pk=lead.pk))


def texted(to: Contact, *, sender: SenderNumber | None = None, at: datetime = LONG_AGO, **fields: object) -> Message:
    """A text of ours that reached the owner."""
    values = {
        "direction": "out",
        "origin": "campaign",
        "state": "delivered",
        "sid": sid(10_000 + next(_numbers)),
        "phone": to.phone,
        "owner": to.owner,
        "lead": to.lead,
        "market": to.lead.market,
        "sender": sender or a_sender(),
        "body": "Would you sell your land? Reply STOP to opt out.",
        "due_at": at,
        "claimed_at": at,
        "sent_at": at,
    }
    message = Message.objects.create(**values | fields)
    Message.objects.filter(pk=message.pk).update(created_at=at)
    return message


def queued(to: Contact, body: str = "Did you get my note?", origin: str = "campaign") -> Message:
    return texted(to, state="queued", sid=None, sent_at=None, claimed_at=None, body=body, origin=origin)


def state_of(message: Message) -> str:
    return str(Message.objects.get(pk=message.pk).state)


def alone() -> PhoneNumber:
    return PhoneNumberFactory()
