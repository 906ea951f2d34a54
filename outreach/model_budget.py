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
from outreach.language_model import GroupModel, ModelError, ModelReading, ModelRefusesUsError
from outreach.models import ModelCall, ReadingPolicy

BUDGET_ALARM, REFUSAL_ALARM, OUTAGE_ALARM = "reading_budget", "reading_refused", "reading_outage"
TITLES = {
    BUDGET_ALARM: "The day's budget for reading replies is spent; people have to read what the rules leave",
    REFUSAL_ALARM: "The language model refuses our calls; people have to read what the rules leave",
    OUTAGE_ALARM: "The language model is out of reach; people have to read what the rules leave",
}
REMEDY = "Check OPENAI_API_KEY, the account's credit, and the name of the model under “How replies are read”."


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
            cost = self._policy.cost(self._tier, fault.tokens - fault.tokens_out, fault.tokens_out)
            told = {"tokens": fault.tokens, "cost": cost, "detail": str(fault)[:200]}
            ModelCall.objects.finish(call, outcome=ModelCall.Outcome.FAILED, **told)
            if isinstance(fault, ModelRefusesUsError):
                alarm_once(REFUSAL_ALARM, f"{call.model}: status {fault.code}. {REMEDY}")
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
        spent = f"{calls} calls, ${dollars:.2f} today. Change it under “How replies are read”."
        alarm_once(BUDGET_ALARM, spent)
        raise BudgetSpentError
    return ModelCall.objects.create(tier=tier, model=model, replies=replies, asked_at=now)


def alarm_once(code: str, detail: str) -> None:
    """Once a day: replies go on to people, so that nothing is lost."""
    told = Event.objects.of_kind(Event.Kind.PROVIDER_ALARM).since(_today(timezone.now()))
    if not any(event.data.get("code") == code for event in told):
        record_event(Event.Kind.PROVIDER_ALARM, code=code, title=TITLES[code], detail=detail)
