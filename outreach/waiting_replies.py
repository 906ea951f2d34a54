"""The queue of replies that no rule could decide: what waits at the same time is asked about together."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from django.utils import timezone

from outreach.answer_cache import plain
from outreach.language_model import ModelError
from outreach.model_budget import OUTAGE_ALARM, alarm_once
from outreach.models import Message, ReadingPolicy
from outreach.reading import Reading, why_not_asked
from outreach.reading_together import GroupReader, in_groups, read_together
from outreach.replies import configured_readers, in_words, read_without_models, take_in

logger = logging.getLogger(__name__)
MAX_READINGS = 5
"""How often the model is asked about one reply before a person has to."""
AT_ONCE = 50
"""Leased at once: enough for a few full requests, few enough to be asked about within their lease."""


class OutOfReachError(Exception):
    """The model answers nobody at present."""


def label_waiting(limit: int = AT_ONCE) -> int:
    """Labels replies no tier has decided yet; returns how many were settled.

    A reply is leased before the model is called, outside any transaction, so that two workers do not ask twice.
    """
    policy, settled = ReadingPolicy.objects.current(), 0
    readers = configured_readers(policy)
    while limit > 0:
        leased = Message.objects.lease_undecided(timezone.now(), min(limit, AT_ONCE))
        if not leased:
            break
        limit -= len(leased)
        sitting = _Sitting(policy, readers, leased)
        sitting.settle()
        settled += sitting.settled
        if sitting.broke_off:
            break
    return settled


class _Sitting:
    """Some leased replies, until each is settled or waits for the next time."""

    def __init__(self, policy: ReadingPolicy, readers: Sequence[GroupReader], leased: Sequence[Message]) -> None:
        self._policy, self._readers = policy, readers
        self._left = {reply.pk: reply for reply in leased}
        self.settled, self.broke_off = 0, False

    def settle(self) -> None:
        """While the model is out of reach nobody waits for it: what was not asked about is given back."""
        try:
            for replies in _firsts_and_doubles(self._left.values()):
                self._ask(self._without_models(replies))
        except OutOfReachError:
            Message.objects.give_back(self._left.values())
            self.broke_off = True

    def _without_models(self, replies: Iterable[Message]) -> list[Message]:
        """Settles what can be without asking; the others."""
        undecided = []
        for reply in replies:
            if reply.attempts > MAX_READINGS:
                alarm_once(OUTAGE_ALARM, f"It gave no answer in {MAX_READINGS} attempts.")
                found = Reading(why_person="The language model could not be reached.")
            else:
                found = read_without_models(reply, self._policy)
                found = found if found.label else Reading(why_person=why_not_asked(reply.body))
            if found.label or found.why_person:
                self._conclude(reply, found)
            else:
                undecided.append(reply)
        return undecided

    def _ask(self, replies: Sequence[Message]) -> None:
        for group in self._groups(replies):
            asked = {reply.pk: reply for reply in Message.objects.renew_leases(group, timezone.now())}
            for reply in group:
                self._left.pop(reply.pk)
            outcomes = read_together({key: reply.body for key, reply in asked.items()}, self._readers)
            for key, outcome in outcomes.items():
                self._conclude(asked[key], outcome)
            if any(isinstance(outcome, ModelError) and not outcome.permanent for outcome in outcomes.values()):
                raise OutOfReachError

    def _groups(self, replies: Sequence[Message]) -> Iterator[list[Message]]:
        """Groups grow smaller with every time, so that a reply that spoils the request is alone in the end."""
        for attempts, alike in groupby(replies, key=lambda reply: reply.attempts):
            by_key = {reply.pk: reply for reply in alike}
            most = max(self._policy.replies_together >> (attempts - 1), 1)
            for bodies in in_groups({key: reply.body for key, reply in by_key.items()}, most):
                yield [by_key[key] for key in bodies]

    def _conclude(self, reply: Message, outcome: Reading | ModelError) -> None:
        self._left.pop(reply.pk, None)
        if isinstance(outcome, Reading):
            self._take_in(reply, outcome)
            return
        logger.warning("reply %s: %s", reply.pk, outcome)
        if outcome.permanent:
            self._take_in(reply, Reading(why_person=in_words(outcome)))

    def _take_in(self, reply: Message, found: Reading) -> None:
        """One that cannot be settled stays leased for a while, and stops no other."""
        try:
            take_in(reply, found, self._policy)
            self.settled += 1
        except Exception:
            logger.exception("reply %s could not be settled", reply.pk)


def _firsts_and_doubles(replies: Iterable[Message]) -> list[list[Message]]:
    """Of those with the same words in the same market one is asked about first: what is said of it is remembered, as
    a rule, and answers the others."""
    firsts: dict[tuple[int | None, str], Message] = {}
    doubles = []
    for reply in replies:
        words = plain(reply.body) or reply.body
        if firsts.setdefault((reply.market_id, words), reply) is not reply:
            doubles.append(reply)
    return [list(firsts.values()), doubles]
