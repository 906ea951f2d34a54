"""Whether a number reaches its owner: reports that it does not, taking them back, and confirming that it does.

One owner's link at a time: a number that several owners share stays with the others. Only what the provider reports of
the line itself (`end_everywhere`) holds for all of them. Opt-outs and do-not-call marks are not touched by anything
here, and a consent that ended with a number does not come back with it (see `config.reactions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from core.phones import mask
from core.results import Result
from leads.events import record_event
from leads.models import Event, OwnerPhone, PhoneNumber

if TYPE_CHECKING:
    from core.models import User
    from leads.models import Owner

EndReason = OwnerPhone.EndReason
REOPEN = "leads.reopen_ownerphone"


def end_number(link: OwnerPhone, *, why: str, by: User | None, note: str = "") -> Result[OwnerPhone]:
    """Closes the link today; the value is the owner's next number, if there is one. `by=None`: a provider or a reply.

    Declines, with nothing written, with `unknown_reason` or `ended`.
    """
    if why not in EndReason.values:
        return Result.declined("unknown_reason", f"“{why}” is no reason to end a number.")
    with transaction.atomic():
        locked = _locked(link)
        if locked.until is not None:
            return Result.declined("ended", f"{locked.phone} has ended before: {_why(locked)}.")
        _end(locked, why, by, note.strip())
        following = OwnerPhone.objects.next_of(locked.owner)
        _record(Event.Kind.NUMBER_ENDED, locked, by, why=why, note=locked.end_note, next=_shown(following))
    return Result(following)


def end_number_of(owner: Owner, phone: PhoneNumber, *, why: str, by: User | None, note: str) -> None:
    """The same where the owner and the number are known instead of their link; nothing when they have none now."""
    link = OwnerPhone.objects.between(owner, phone)
    if link is not None:
        end_number(link, why=why, by=by, note=note)


def end_everywhere(phone: PhoneNumber, *, note: str) -> int:
    """For what the provider says of the line itself; returns how many owners lose it."""
    links = list(OwnerPhone.objects.of_phone(phone))
    return sum(bool(end_number(link, why=EndReason.DISCONNECTED, by=None, note=note)) for link in links)


def reopen_number(link: OwnerPhone, *, by: User) -> Result[OwnerPhone]:
    """Takes a report back: whoever made it may, else who has the permission.

    Declines with `not_permitted`, `not_ended`, or `linked_again` when the two have a newer link.
    """
    with transaction.atomic():
        locked = _locked(link)
        if locked.until is None:
            return Result.declined("not_ended", f"{locked.phone} is open.")
        if locked.ended_by_id != by.pk and not by.has_perm(REOPEN):
            return Result.declined("not_permitted", "Whoever ended the number may open it again, or a manager.")
        if OwnerPhone.objects.between(locked.owner, locked.phone):
            return Result.declined("linked_again", f"{locked.phone} was linked to this owner again since.")
        was = _why(locked)
        locked.until, locked.end_reason, locked.end_note, locked.ended_by = None, "", "", None
        _save(locked, by, ["until", "end_reason", "end_note", "ended_by"], "Opened again")
        _record(Event.Kind.NUMBER_REOPENED, locked, by, was=was)
    return Result.ok(locked)


def confirm_number(link: OwnerPhone, *, by: User | None, note: str) -> Result[OwnerPhone]:
    """The owner is known to answer here: from now on outreach uses the owner's confirmed numbers only.

    Declines with `ended` or `confirmed`. `by=None`: a reply says so.
    """
    with transaction.atomic():
        locked = _locked(link)
        if locked.until is not None:
            return Result.declined("ended", f"{locked.phone} has ended: {_why(locked)}. Open it again first.")
        if locked.confirmed_at is not None:
            return Result.declined("confirmed", f"{locked.phone} is confirmed already.")
        locked.confirmed_at, locked.confirm_note = timezone.now(), note.strip()[:200]
        _save(locked, by, ["confirmed_at", "confirm_note"], "Confirmed")
        _record(Event.Kind.NUMBER_CONFIRMED, locked, by, note=locked.confirm_note)
    return Result.ok(locked)


def withdraw_confirmation(link: OwnerPhone, *, by: User) -> Result[OwnerPhone]:
    """The owner's other numbers are in use again, unless one of them is confirmed. Declines with `not_confirmed`."""
    with transaction.atomic():
        locked = _locked(link)
        if locked.confirmed_at is None:
            return Result.declined("not_confirmed", f"{locked.phone} is not confirmed.")
        locked.confirmed_at, locked.confirm_note = None, ""
        _save(locked, by, ["confirmed_at", "confirm_note"], "Confirmation withdrawn")
        _record(Event.Kind.NUMBER_UNCONFIRMED, locked, by)
    return Result.ok(locked)


def record_port(phone: PhoneNumber, *, line_type: str, carrier: str) -> None:
    """Tells the owners' timelines that the number is another line now; it still reaches them. Call it before the
    number is saved with the new line: its history keeps the old one with the date."""
    for link in OwnerPhone.objects.of_phone(phone):
        before = {"line_type": phone.line_type, "carrier": phone.carrier}
        _record(Event.Kind.NUMBER_PORTED, link, None, before=before, after={"line_type": line_type, "carrier": carrier})


def _locked(link: OwnerPhone) -> OwnerPhone:
    """The link as it is now. The number comes first, as in everything that happens to a number."""
    PhoneNumber.objects.locked(link.phone)
    found: OwnerPhone = (
        OwnerPhone.objects.select_for_update(of=("self",)).select_related("phone", "owner").get(pk=link.pk)
    )
    return found


def _end(link: OwnerPhone, why: str, by: User | None, note: str) -> None:
    link.until = max(timezone.now(), link.since)
    link.end_reason, link.end_note, link.ended_by = why, note[:200], by
    _save(link, by, ["until", "end_reason", "end_note", "ended_by"], link.get_end_reason_display())


def _save(link: OwnerPhone, by: User | None, fields: list[str], reason: str) -> None:
    link._history_user = by  # type: ignore[attr-defined]  # read by simple-history
    link._change_reason = reason[:100]  # type: ignore[attr-defined]
    link.save(update_fields=fields)


def _record(kind: Event.Kind, link: OwnerPhone, by: User | None, **data: Any) -> None:
    record_event(kind, owner=link.owner, actor=by, phone=link.phone_id, number=mask(link.phone.number), **data)


def _why(link: OwnerPhone) -> str:
    return (link.get_end_reason_display() or "ended by hand").lower()


def _shown(link: OwnerPhone | None) -> str:
    return mask(link.phone.number) if link else ""
