"""Emergency holds: while one is on, nothing goes out to people in its state, consent or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.results import Result
from markets.models import EmergencyHold, Market

if TYPE_CHECKING:
    from core.models import User


@dataclass(frozen=True)
class StateSwitch:
    """One state and the holds that keep it quiet now; without any, it is open."""

    state: str
    holds: tuple[EmergencyHold, ...]


def switches(now: datetime) -> list[StateSwitch]:
    """The states we work in, and any other that a hold is on in."""
    on = list(EmergencyHold.objects.in_force(now).with_people())
    states = {*Market.objects.states(), *(hold.state for hold in on)}
    return [StateSwitch(state, tuple(hold for hold in on if hold.state == state)) for state in sorted(states)]


def end_hold(hold: EmergencyHold, *, by: User | None) -> Result[EmergencyHold]:
    """Ends it now. Declines with `not_on`."""
    with transaction.atomic():
        locked = EmergencyHold.objects.select_for_update().get(pk=hold.pk)
        now = timezone.now()
        if not locked.on_at(now) or locked.starts_at == now:
            return Result.declined("not_on", f"The hold in {locked.state} is not on.")
        locked.ends_at = now
        locked._history_user = by  # read by simple-history
        locked.save(update_fields=["ends_at"])
        return Result.ok(locked)
