"""From claim to answer: texts that a worker has claimed are given to the provider, several at once, and what came of
them is written down as it comes in.

A group of texts is committed as handed over and all of it is called at that moment, each text by a thread with a
connection to the provider of its own; threads never touch the database. A text that was handed over and whose answer
is not known, because it did not come or the worker died, is settled by a callback or the reconciler, never sent again.
"""

from __future__ import annotations

import logging
import os
import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from outreach import delivery
from outreach.error_codes import Action
from outreach.failures import Failure, settle_failure
from outreach.gate import LEAVES_WITHIN
from outreach.models import Message, SendAttempt
from outreach.provider import OutgoingText, ProviderError, ProviderText, UnknownOutcomeError, sms_provider
from outreach.querysets.attempts import Call

logger = logging.getLogger(__name__)
State = Message.State
AT_ONCE = 16
"""Calls a process makes at the same time, while the provider takes them."""
LINGER = 0.05
"""Seconds that an answer waits for others, to be written down together."""
STALE_CLAIM = LEAVES_WITHIN.total_seconds() / 2
"""Seconds after which a judgment is not acted on any more; the rest of its time is the text's own, to arrive in."""
CALLBACK_RETRIES = "#rc=5&rp=all"
"""Twilio's connection overrides: five retries on any failure. A fragment is neither sent nor signed."""
STOP, UNRECORDED = "stop", "unrecorded"
TROUBLE = frozenset({STOP, UNRECORDED, "retried", str(State.UNCERTAIN)})
"""Outcomes that are not the text's own fault."""


@dataclass(frozen=True)
class Answer:
    """What one call brought, and after how long."""

    said: ProviderText | ProviderError | UnknownOutcomeError
    latency_ms: int

    @property
    def pause(self) -> timedelta:
        """What a refusal asks us to wait before we call again."""
        return (self.said.retry_after if isinstance(self.said, ProviderError) else None) or timedelta()


def hand_over(claimed: Sequence[Message], now: datetime) -> Counter[str]:
    """Calls the provider for these texts, claimed at `now`; what became of how many. What cannot be handed over goes
    back into the queue: after an answer that stops everything, and once the claim is too old to act on."""
    return HandOver(claimed, now).run()


def begin_attempts(group: Sequence[Message], at: datetime) -> dict[int, str]:
    """Commits that the provider is about to be called for these texts; why it is not for others: the text was
    "cancelled" or taken away since it was claimed, or goes back into the queue, "held", to be judged again."""
    begun = SendAttempt.objects.begin(group, at)
    held = [pk for pk, clear in begun.items() if not clear]
    if held:
        Message.objects.release(held)
    return {m.pk: "held" if m.pk in begun else "cancelled" for m in group if not begun.get(m.pk)}


def as_text(message: Message) -> OutgoingText:
    assert message.sender is not None
    path = reverse("twilio-status", args=[message.token])
    address = settings.PUBLIC_BASE_URL + path + CALLBACK_RETRIES
    return OutgoingText(message.phone.number, message.sender.number, message.body, address)


class HandOver:
    """One batch on its way. The first call is made alone: only when the provider has taken one text are the others
    given to it together, and after trouble it is one at a time again. `pause`: for how long the provider asked to be
    left alone."""

    def __init__(self, claimed: Sequence[Message], now: datetime) -> None:
        self._waiting = deque(claimed)
        self._now, self._started = now, time.monotonic()
        self._calls: dict[Future[Answer], Message] = {}
        self._at_once = 1
        self._counts: Counter[str] = Counter()
        self.pause = timedelta()

    def run(self) -> Counter[str]:
        """Whatever goes wrong on the way, the calls that were made are waited for and written down."""
        try:
            while self._waiting or self._calls:
                self._call_next(time.monotonic() - self._started)
                self._write_down()
        finally:
            while self._calls:
                self._write_down()
        return self._counts

    def _call_next(self, passed: float) -> None:
        if passed >= STALE_CLAIM:
            self._give_back()
        free = min(self._at_once - len(self._calls), len(self._waiting))
        group = {message: as_text(message) for message in (self._waiting.popleft() for _ in range(free))}
        stopped = begin_attempts(list(group), self._now + timedelta(seconds=passed)) if group else {}
        self._counts.update(stopped.values())
        for message, text in group.items():
            if message.pk not in stopped:
                self._calls[_threads(os.getpid()).submit(_call, text)] = message

    def _write_down(self) -> None:
        """What has come in: a call that is not answered holds up nobody's record."""
        if not self._calls:
            return
        wait(self._calls, return_when=FIRST_COMPLETED)
        done, _ = wait(self._calls, timeout=LINGER)
        answers = [(self._calls.pop(call), call.result()) for call in done]
        outcomes = record_answers(answers, self._now)
        self._counts.update(outcomes)
        self._at_once = 1 if TROUBLE.intersection(outcomes) else AT_ONCE
        if STOP in outcomes:
            self._give_back()
        if pause := max(answer.pause for _, answer in answers):
            self._leave_alone(pause)

    def _leave_alone(self, pause: timedelta) -> None:
        """No worker calls the provider before that time is over: what would be due earlier is put off."""
        self._give_back()
        self.pause = max(self.pause, pause)
        Message.objects.put_off(self._now + timedelta(seconds=time.monotonic() - self._started) + pause)

    def _give_back(self) -> None:
        if self._waiting:
            self._counts["released"] += Message.objects.release(message.pk for message in self._waiting)
            self._waiting.clear()


def record_answers(answers: Sequence[tuple[Message, Answer]], now: datetime) -> list[str]:
    """Acceptances together, the others one by one, as each has effects of its own. The outcomes, in any order."""
    accepted, others = [], []
    for message, answer in answers:
        if isinstance(answer.said, ProviderText):
            accepted.append((message, answer.said, answer.latency_ms))
        else:
            others.append((message, answer.said, answer.latency_ms))
    return [*_accepted(accepted, now), *(_not_accepted(*other, now) for other in others)]


def _call(text: OutgoingText) -> Answer:
    """In a thread. Whatever goes wrong once the call has begun leaves its outcome unknown."""
    started = time.monotonic()
    said: ProviderText | ProviderError | UnknownOutcomeError
    try:
        said = sms_provider().send(text)
    except (ProviderError, UnknownOutcomeError) as error:
        said = error
    except Exception as error:
        logger.exception("the provider's answer could not be dealt with")
        said = UnknownOutcomeError(f"the call broke off ({type(error).__name__})")
    return Answer(said, round((time.monotonic() - started) * 1000))


def _accepted(accepted: Sequence[tuple[Message, ProviderText, int]], now: datetime) -> list[str]:
    """Where they cannot be written down together each is by itself: one takes no other with it."""
    if not accepted or _write_accepted(accepted, now):
        return [str(State.SENT)] * len(accepted)
    return [str(State.SENT) if _write_accepted([one], now) else UNRECORDED for one in accepted]


def _write_accepted(accepted: Sequence[tuple[Message, ProviderText, int]], now: datetime) -> bool:
    """False when the database would not. Texts before their attempts: callbacks lock them in this order too."""
    calls = [Call(message, said.http, ms, "accepted", sid=said.sid) for message, said, ms in accepted]
    try:
        with transaction.atomic():
            delivery.accept_all({message.pk: said.sid for message, said, _ in accepted}, now)
            SendAttempt.objects.close(calls)
    except DatabaseError:
        _leave_connection()
        return False
    return True


def _leave_connection() -> None:
    """After an answer that the database would not take: callback or reconciler find it again."""
    logger.exception("what the provider said about a text was not written down")
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _not_accepted(message: Message, error: ProviderError | UnknownOutcomeError, latency_ms: int, now: datetime) -> str:
    try:
        if isinstance(error, ProviderError):
            return _refused(message, error, now, latency_ms)
        return _uncertain(message, error, latency_ms)
    except DatabaseError:
        _leave_connection()
        return UNRECORDED


def _refused(message: Message, error: ProviderError, now: datetime, latency_ms: int) -> str:
    call = Call(message, error.http, latency_ms, "refused", error_code=error.code, detail=error.detail)
    with transaction.atomic():
        locked = Message.objects.lock(message.pk)
        SendAttempt.objects.close([call])
        failure = Failure(error.code, error.detail, now, transient=not error.permanent, retry_after=error.retry_after)
        action = settle_failure(locked, failure)
    if action.action == Action.STOP_EVERYTHING:
        return STOP
    return "retried" if locked.state == State.QUEUED else str(locked.state)


def _uncertain(message: Message, error: UnknownOutcomeError, latency_ms: int) -> str:
    SendAttempt.objects.close([Call(message, error.http, latency_ms, "unknown", detail=str(error))])
    Message.objects.mark_uncertain(message.pk, f"Outcome unknown: {error}")
    return str(State.UNCERTAIN)


@lru_cache(maxsize=1)
def _threads(process: int) -> ThreadPoolExecutor:
    """Of this process: a forked worker has none of its parent's."""
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"provider-{process}")
