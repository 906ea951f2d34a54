"""Owners who share a number are one conversation there: while we talk to one of them a campaign texts no other.

A couple, or a person and the trust in their name, are several owners with one telephone; whoever holds it would get the
same text several times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from outreach.gate import Decision, Outcome, Verdict
from outreach.models import Message
from outreach.querysets.tallies import ANSWERED_WITHIN

TALKING = "we are talking to another owner at this number"


class SharedNumbers:
    """Who is talked to at the numbers of some texts. `take` after each that will leave: the next ones are to see it."""

    def __init__(self, now: datetime) -> None:
        self._since = now - ANSWERED_WITHIN
        self._talked_to: dict[int, int] = {}

    def look_up(self, messages: Iterable[Message]) -> None:
        unknown = {message.phone_id for message in messages} - self._talked_to.keys()
        self._talked_to |= Message.objects.talked_to(unknown, self._since)

    def narrow(self, message: Message, decision: Decision) -> Decision:
        """The gate's decision, or that there is a conversation with somebody else."""
        if decision.outcome == Outcome.BLOCKED or self._is_free(message):
            return decision
        verdicts = (*decision.verdicts, Verdict("shared_number", Outcome.BLOCKED, TALKING))
        return replace(decision, outcome=Outcome.BLOCKED, until=None, reason=f"blocked: {TALKING}", verdicts=verdicts)

    def take(self, message: Message) -> None:
        if message.owner_id is not None:
            self._talked_to[message.phone_id] = message.owner_id

    def _is_free(self, message: Message) -> bool:
        return self._talked_to.get(message.phone_id) in (None, message.owner_id)
