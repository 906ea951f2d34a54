"""What the gate asks of the breakers: does one hold this text, and may it be one of those that are tried?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from outreach.models import Breaker, BreakerRule
from outreach.querysets.breakers import texts_since

if TYPE_CHECKING:
    from outreach.models import Message

Scope = BreakerRule.Scope


class BreakerBoard:
    """The breakers in force at one moment. `take` after each text that will leave."""

    def __init__(self) -> None:
        in_force = list(Breaker.objects.in_force())
        self._breakers = {(breaker.rule.scope, breaker.subject_id, breaker.pk): breaker for breaker in in_force}
        self._to_try = {breaker.pk: _left(breaker) for breaker in in_force}

    def why_held(self, message: Message, now: datetime) -> tuple[str, datetime | None]:
        """Why the text waits, and until when if that is known; an empty reason where nothing holds it."""
        held = [breaker for breaker in self._over(message) if not self._to_try[breaker.pk]]
        if not held:
            return "", None
        times = [breaker.retry_at for breaker in held if breaker.retry_at and breaker.retry_at > now]
        until = max(times) if len(times) == len(held) else None
        return "; ".join(breaker.reason for breaker in held), until

    def take(self, message: Message) -> None:
        for breaker in self._over(message):
            self._to_try[breaker.pk] -= 1

    def reasons_against(self, subjects: set[tuple[str, int]]) -> list[str]:
        """Of the breakers that are open, not yet trying, over any of these."""
        return [
            breaker.reason
            for (scope, subject, _), breaker in self._breakers.items()
            if (scope, subject) in subjects and breaker.state == Breaker.State.OPEN
        ]

    def _over(self, message: Message) -> list[Breaker]:
        """A person's answer waits for the provider alone."""
        subjects = {(Scope.PROVIDER.value, 0)}
        if message.step is not None:
            subjects |= {
                (Scope.TEMPLATE.value, message.step.template_id or 0),
                (Scope.CAMPAIGN.value, message.step.campaign_id),
                (Scope.SENDER.value, message.sender_id or 0),
            }
        return [breaker for (scope, subject, _), breaker in self._breakers.items() if (scope, subject) in subjects]


def _left(breaker: Breaker) -> int:
    if breaker.state == Breaker.State.OPEN or breaker.half_open_at is None:
        return 0
    return max(0, breaker.rule.probes - texts_since(breaker, breaker.half_open_at))
