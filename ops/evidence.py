"""Everything the records hold about texting one number, for whoever has to show that it was lawful.

Engineering records, not legal advice: what was stored at the time is told as it was stored, and nothing is judged anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from core.models import User
from core.phones import to_national
from leads.models import OwnerPhone, PhoneNumber
from ops.models import PersonalDataAccess
from outreach.area_codes import state_name, state_of_area_code
from outreach.models import Consent, Message, Suppression
from outreach.tracing import Trace, trace_all

DISCLAIMER = "Engineering records, not legal advice."


@dataclass(frozen=True)
class Packet:
    """`traces` reads the texts as they are asked for; ask anew for each writing."""

    phone: PhoneNumber
    made_at: datetime
    made_by: str
    reason: str
    links: list[OwnerPhone]
    consents: list[Consent]
    suppressions: list[Suppression]
    looks: list[PersonalDataAccess]
    counts: dict[str, int]

    @property
    def number(self) -> str:
        return to_national(self.phone.number)

    @property
    def where(self) -> str:
        return state_name(state_of_area_code(self.phone.area_code))

    @property
    def stops_in_force(self) -> list[Suppression]:
        return [stop for stop in self.suppressions if stop.lifted_at is None]

    @property
    def texts_in(self) -> int:
        return self.counts.get(Message.State.RECEIVED, 0)

    @property
    def texts_out(self) -> int:
        return sum(self.counts.values()) - self.texts_in

    def traces(self) -> Iterator[Trace]:
        return trace_all(Message.objects.evidence_about(self.phone))


def gather_evidence(phone: PhoneNumber, *, by: User, reason: str) -> Packet:
    """Of the number as it is known now. Owners count who ever had it: their consents for any number covered it, and
    their stops stopped it."""
    links = list(OwnerPhone.objects.ever_of_phone(phone))
    owner_ids = {link.owner_id for link in links}
    return Packet(
        phone=phone,
        made_at=timezone.now(),
        made_by=by.get_full_name() or by.get_username(),
        reason=reason,
        links=links,
        consents=list(Consent.objects.evidence_about(phone, owner_ids)),
        suppressions=list(Suppression.objects.evidence_about(phone, owner_ids)),
        looks=list(PersonalDataAccess.objects.about_number(phone)),
        counts=Message.objects.counts_by_state(phone),
    )


def log_export(phone: PhoneNumber, kind: str, *, by: User, reason: str) -> PersonalDataAccess:
    """On record before anything is given out."""
    return PersonalDataAccess.objects.create(user=by, what=f"evidence packet ({kind})", phone=phone, reason=reason)
