"""A language model with a meter: each question is written down before it is asked, and none is asked over the day's
budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from leads.events import record_event
from leads.models import Event
from outreach.language_model import GroupModel, ModelError, ModelReading
from outreach.models import ModelCall, ReadingPolicy

BUDGET_ALARM = "reading_budget"


class BudgetSpentError(ModelError):
    """Permanent for this reply: a person reads it."""

    def __init__(self) -> None:
        super().__init__("today's budget for the language model is spent", permanent=True)


class MeteredModel:
    def __init__(self, model: GroupModel, policy: ReadingPolicy, tier: str) -> None:
        self._model, self._policy, self._tier = model, policy, tier

    def read_reply(self, text: str) -> ModelReading:
        """Raises ModelError."""
        with self._call(1) as call:
            answer = self._priced(self._model.read_reply(text))
            _close(call, [answer])
        return answer

    def read_replies(self, texts: Mapping[int, str]) -> dict[int, ModelReading]:
        """One call of the budget, whatever the number of replies. Raises ModelError."""
        with self._call(len(texts)) as call:
            answers = {key: self._priced(answer) for key, answer in self._model.read_replies(texts).items()}
            _close(call, list(answers.values()))
        return answers

    @contextmanager
    def _call(self, replies: int) -> Iterator[ModelCall]:
        call = _open(self._policy, self._tier, getattr(self._model, "name", ""), replies)
        try:
            yield call
        except ModelError as fault:
            ModelCall.objects.finish(call, outcome=ModelCall.Outcome.FAILED, detail=str(fault)[:200])
            raise

    def _priced(self, answer: ModelReading) -> ModelReading:
        return replace(answer, cost=self._policy.cost(self._tier, answer.tokens - answer.tokens_out, answer.tokens_out))


def _close(call: ModelCall, answers: Sequence[ModelReading]) -> None:
    missing = sum(not answer.label for answer in answers)
    ModelCall.objects.finish(
        call,
        outcome=ModelCall.Outcome.FAILED if missing == len(answers) else ModelCall.Outcome.ANSWERED,
        tokens=sum(answer.tokens for answer in answers),
        cost=sum(answer.cost for answer in answers),
        latency_ms=answers[0].latency_ms,
        detail=f"no answer about {missing} of {len(answers)} replies" if missing else "",
    )


def calls_left(policy: ReadingPolicy) -> int:
    """Of today; none when the money is spent."""
    calls, dollars = ModelCall.objects.spent_since(_today(timezone.now()))
    return max(policy.calls_per_day - calls, 0) if dollars < policy.dollars_per_day else 0


def _today(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _open(policy: ReadingPolicy, tier: str, model: str, replies: int) -> ModelCall:
    now = timezone.now()
    today = _today(now)
    calls, dollars = ModelCall.objects.spent_since(today)
    if calls >= policy.calls_per_day or dollars >= policy.dollars_per_day:
        _alarm_once(today, calls, f"${dollars:.2f}")
        raise BudgetSpentError
    return ModelCall.objects.create(tier=tier, model=model, replies=replies, asked_at=now)


def _alarm_once(today: datetime, calls: int, dollars: str) -> None:
    """Once a day: replies go on to people, so that nothing is lost."""
    told = Event.objects.of_kind(Event.Kind.PROVIDER_ALARM).since(today)
    if any(event.data.get("code") == BUDGET_ALARM for event in told):
        return
    record_event(
        Event.Kind.PROVIDER_ALARM,
        code=BUDGET_ALARM,
        title="The day's budget for reading replies is spent; people have to read what the rules leave",
        detail=f"{calls} calls, {dollars} today. Change it under “How replies are read”.",
    )
