"""A person says what a reply really means: what the wrong label did is undone, then the right one does its part.

Undone is what the machine did by itself, and what this person may undo by hand. What only a manager may lift stays
until a manager does, and an opt-out stays in any case: a correction never makes texting easier by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils import timezone

from core.phones import mask
from core.results import Result
from leads.models import Event, Owner, OwnerPhone
from leads.numbers import reopen_number, withdraw_confirmation
from leads.pipeline import move_lead
from leads.stages import Stage
from outreach import label_effects
from outreach.label_effects import EFFECTS, FIND_HEIRS, SAID_DEAD, reason_of
from outreach.models import CallTask, Message, ReplyLabel, Suppression
from outreach.replies import correct_label
from outreach.suppressions import lift_suppression

if TYPE_CHECKING:
    from core.models import User

LIFT = "outreach.lift_suppression"
TAKEN_BACK = "The label was corrected."


@dataclass
class Correction:
    """In words: what was `undone` of the wrong label's effects, and what `stays` of them and why."""

    name: str
    undone: list[str] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)


class Wrong(NamedTuple):
    message: Message
    label: ReplyLabel
    by: User
    told: Correction
    since: datetime
    """When a reply of this number was first read so."""


def correct_reply(message: Message, label: str, *, by: User) -> Result[Correction]:
    """Declines, with nothing written, as `correct_label` does. The same label again confirms it and undoes nothing."""
    told = Correction(dict(ReplyLabel.Label.choices).get(label, ""))
    with transaction.atomic():
        locked: Message = Message.objects.with_everything().select_for_update(of=("self",)).get(pk=message.pk)
        wrong = ReplyLabel.objects.current_of(locked)
        if wrong is not None and wrong.label != label and label in EFFECTS:
            _undo(Wrong(locked, wrong, by, told, ReplyLabel.objects.first_said(locked, wrong)), label)
        result = correct_label(Message.objects.get(pk=message.pk), label, by=by)
    return Result.ok(told) if result else Result.declined(result.code, result.message)


def _undo(wrong: Wrong, label: str) -> None:
    beside, stays = ReplyLabel.objects.beside(wrong.message), False
    for effect in EFFECTS[wrong.label.label]:
        if effect in EFFECTS[label] or effect not in UNDO:
            continue
        if effect in ABOUT_THE_NUMBER and wrong.label.label in beside:
            stays = True
        else:
            UNDO[effect](wrong)
    if stays:
        wrong.told.stays.append(f"What “{wrong.label}” did stays: another reply of this number says the same.")


def _cool(wrong: Wrong) -> None:
    _move_back(wrong, Stage.HOT, ())


def _revive(wrong: Wrong) -> None:
    _move_back(wrong, Stage.DEAD, (Stage.QUALIFIED,))


def _move_back(wrong: Wrong, moved_to: Stage, over: tuple[Stage, ...]) -> None:
    """To where the lead stood before the label moved it, unless it was moved since. What the machine moved goes back
    without asking for this person's permission."""
    lead = wrong.message.lead
    move = Event.objects.last_move(lead) if lead is not None else None
    if lead is None or move is None or not _is_of(wrong, move, moved_to):
        return
    by = wrong.by if move.actor_id else None
    before = Stage(move.data["from"])
    for stage in dict.fromkeys((*over, before)):
        result = move_lead(lead, stage, by=by, reason=f"{TAKEN_BACK} It was not “{wrong.label}”.")
        if not result and stage != before:
            wrong.told.stays.append(f"The lead stays “{moved_to.label}”: {result.message}")
            return
    lead.refresh_from_db()
    wrong.told.undone.append(f"The lead is in “{lead.get_stage_display()}” again.")


def _is_of(wrong: Wrong, move: Event, stage: Stage) -> bool:
    since = move.created_at >= wrong.label.created_at
    return since and move.data.get("to") == stage and move.data.get("reason") == reason_of(wrong.label)


def _leave_cancelled(wrong: Wrong) -> None:
    if Message.objects.cancelled_for(wrong.message, reason_of(wrong.label)):
        wrong.told.stays.append("Texts that were cancelled stay so.")


def _lift(reason: Suppression.Reason) -> Callable[[Wrong], None]:
    def undo(wrong: Wrong) -> None:
        stops = Suppression.objects.of_number(wrong.message.phone.number_hash).for_reason(reason)
        for stop in stops.made_since(wrong.since):
            name = f"“{reason.label}” of {mask(wrong.message.phone.number)}"
            if not wrong.by.has_perm(LIFT):
                wrong.told.stays.append(f"{name} stays: a manager lifts it, with a reason.")
            elif lift_suppression(stop, by=wrong.by, reason=f"{TAKEN_BACK} It was not “{wrong.label}”."):
                wrong.told.undone.append(f"{name} is lifted.")

    return undo


def _keep_opt_out(wrong: Wrong) -> None:
    if Suppression.objects.of_number(wrong.message.phone.number_hash).for_reason("opt_out").exists():
        wrong.told.stays.append("The opt-out stays: only a manager lifts it, with a reason.")


def _relink(wrong: Wrong) -> None:
    for link in OwnerPhone.objects.with_state(wrong.message.owner) if wrong.message.owner else ():
        ended_by_it = link.until is not None and link.until >= wrong.since
        if link.phone_id == wrong.message.phone_id and ended_by_it and link.end_note.startswith("Reply"):
            result = reopen_number(link, by=wrong.by)
            told = wrong.told.undone if result else wrong.told.stays
            told.append(
                f"{link.phone} is this owner's again." if result else f"{link.phone} stays closed: {result.message}"
            )


def _unconfirm(wrong: Wrong) -> None:
    owner = wrong.message.owner
    link = OwnerPhone.objects.between(owner, wrong.message.phone) if owner else None
    confirmed = link and link.confirmed_at and link.confirmed_at >= wrong.label.created_at
    if link is not None and confirmed and link.confirm_note.startswith("Reply"):
        withdraw_confirmation(link, by=wrong.by)
        wrong.told.undone.append(f"{link.phone} is not confirmed any more.")


def _unmake_estate(wrong: Wrong) -> None:
    owner = wrong.message.owner
    last = owner.history.first() if owner else None
    before = last.prev_record if last is not None and last.history_change_reason == SAID_DEAD else None
    if owner is not None and before is not None and owner.kind == Owner.Kind.ESTATE:
        owner.kind = before.kind
        owner._change_reason = TAKEN_BACK  # type: ignore[attr-defined]  # read by simple-history
        owner.save(update_fields=["kind", "updated_at"])
        wrong.told.undone.append(f"The owner is a {owner.get_kind_display().lower()} again.")


def _drop_task(wrong: Wrong) -> None:
    lead = wrong.message.lead
    if lead is None or not CallTask.objects.cancel_for(lead, FIND_HEIRS, TAKEN_BACK, timezone.now()):
        return
    wrong.told.undone.append("Nobody has to look for heirs.")
    if CallTask.objects.given_up_for(lead, SAID_DEAD, wrong.label.created_at):
        wrong.told.stays.append("The call that was to be made stays cancelled.")


UNDO: Mapping[label_effects.Effect, Callable[[Wrong], None]] = {
    label_effects.heat: _cool,
    label_effects.confirm_sender: _unconfirm,
    label_effects.give_up: _revive,
    label_effects.cancel_texts: _leave_cancelled,
    label_effects.cancel_texts_to_number: _leave_cancelled,
    label_effects.suppress_wrong_number: _lift(Suppression.Reason.WRONG_NUMBER),
    label_effects.suppress_deceased: _lift(Suppression.Reason.DECEASED),
    label_effects.unlink_number: _relink,
    label_effects.make_estate: _unmake_estate,
    label_effects.look_for_heirs: _drop_task,
    label_effects.stop_texting: _keep_opt_out,
}
"""The way back of each effect that lasts; that the owner has answered is true whatever the answer means."""
ABOUT_THE_NUMBER = frozenset({
    label_effects.suppress_wrong_number, label_effects.suppress_deceased, label_effects.unlink_number,
    label_effects.make_estate, label_effects.look_for_heirs,
})  # fmt: skip
"""Stay as long as any reply means them."""
