"""A language model with a meter: each question is written down before it is asked, and none is asked over the day's
budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from leads.events import record_event
from leads.models import Event
from outreach.language_model import LanguageModel, ModelError, ModelReading
from outreach.models import ModelCall, ReadingPolicy

BUDGET_ALARM = "reading_budget"


class BudgetSpentError(ModelError):
    """Permanent for this reply: a person reads it."""

    def __init__(self) -> None:
        super().__init__("today's budget for the language model is spent", permanent=True)


class MeteredModel:
    def __init__(self, model: LanguageModel, policy: ReadingPolicy, tier: str) -> None:
        self._model, self._policy, self._tier = model, policy, tier

    def read_reply(self, text: str) -> ModelReading:
        """Raises ModelError."""
        call = _open(self._policy, self._tier, getattr(self._model, "name", ""))
        try:
            answer = self._model.read_reply(text)
        except ModelError as fault:
            ModelCall.objects.finish(call, outcome=ModelCall.Outcome.FAILED, detail=str(fault)[:200])
            raise
        cost = self._policy.cost(self._tier, answer.tokens - answer.tokens_out, answer.tokens_out)
        ModelCall.objects.finish(
            call,
            outcome=ModelCall.Outcome.ANSWERED,
            tokens=answer.tokens,
            cost=cost,
            latency_ms=answer.latency_ms,
        )
        return replace(answer, cost=cost)


def calls_left(policy: ReadingPolicy) -> int:
    """Of today; none when the money is spent."""
    calls, dollars = ModelCall.objects.spent_since(_today(timezone.now()))
    return max(policy.calls_per_day - calls, 0) if dollars < policy.dollars_per_day else 0


def _today(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _open(policy: ReadingPolicy, tier: str, model: str) -> ModelCall:
    now = timezone.now()
    today = _today(now)
    calls, dollars = ModelCall.objects.spent_since(today)
    if calls >= policy.calls_per_day or dollars >= policy.dollars_per_day:
        _alarm_once(today, calls, f"${dollars:.2f}")
        raise BudgetSpentError
    return ModelCall.objects.create(tier=tier, model=model, asked_at=now)


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
