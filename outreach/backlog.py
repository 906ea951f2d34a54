"""Replies that no model could be asked about in time, read afterwards in one batch at half the price."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.results import Result
from outreach.language_model import ModelError, ModelReading
from outreach.model_budget import calls_left
from outreach.models import Message, ModelCall, ReadingPolicy, ReplyLabel
from outreach.openai_batch import BatchRefusedError, OpenAIBatch
from outreach.openai_model import OpenAIModel
from outreach.reading import Reading, judge_answer, speaks_to_a_model
from outreach.replies import in_words, take_in

LEFT_BECAUSE = (
    "Today's budget for the language model is spent.",
    "No language model is set up.",
    "The language model could not be reached.",
    "The language model refuses our calls.",
)
LABELLED, LEFT, DEALT_WITH = "labelled", "left to a person", "dealt with meanwhile"
HALF_PRICE = 2
MOST = 10_000
WORKED_ON_FOR = timedelta(hours=25)
"""A batch is answered or given up within a day."""


def start_backlog(*, limit: int = MOST) -> Result[str]:
    """The batch's id. Within the day's budget of calls; replies stay with people until an answer is there.

    Declines with `budget_spent`, `batch_open` (its answers are still to be fetched) or `nothing_left`.
    """
    policy, now = ReadingPolicy.objects.current(), timezone.now()
    most = min(limit, calls_left(policy))
    if most < 1:
        return Result.declined("budget_spent", "Today's budget for the language model is spent.")
    if earlier := ModelCall.objects.open_batch(now - WORKED_ON_FOR):
        return Result.declined(
            "batch_open", f"Batch {earlier} has not been read yet: take it up with --batch {earlier}."
        )
    waiting = [reply for reply in Message.objects.left_by_models(LEFT_BECAUSE, most) if _may_be_asked(reply)]
    if not waiting:
        return Result.declined("nothing_left", "No reply waits for want of a model.")
    batch_id = _batch(policy.small_model, policy.prompt).start({str(reply.pk): reply.body for reply in waiting})
    ModelCall.objects.bulk_create(
        ModelCall(
            tier=ReplyLabel.Tier.SMALL, model=policy.small_model, asked_at=now, detail=f"{batch_id} reply {reply.pk}"
        )
        for reply in waiting
    )
    return Result.ok(batch_id)


def finish_backlog(batch_id: str) -> Counter[str] | None:
    """How many replies got a label, stay with a person, or were dealt with meanwhile; None while the batch is being
    worked on. Doing it twice, or in two places at once, is harmless. Raises ModelError."""
    policy, asked = ReadingPolicy.objects.current(), ModelCall.objects.open_of_batch(batch_id)
    try:
        answers = _batch().fetch(batch_id)
    except BatchRefusedError as refusal:
        for call in asked.values():
            _close(call, refusal, policy)
        raise
    if answers is None:
        return None
    done: Counter[str] = Counter()
    for key, call in asked.items():
        answer = answers.get(key) or ModelError("the batch has no answer", permanent=False)
        done[_take_in(key, call, answer, policy)] += 1
    return done


def _batch(model: str = "", prompt: str = "") -> OpenAIBatch:
    return OpenAIBatch(OpenAIModel(model, prompt))


def _may_be_asked(reply: Message) -> bool:
    return bool(reply.body.strip()) and not speaks_to_a_model(reply.body)


@transaction.atomic
def _take_in(key: str, call: ModelCall, answer: ModelReading | ModelError, policy: ReadingPolicy) -> str:
    """Why an answer was of no use is what a person reads, and the reply is asked about no more; where there was none it
    may be asked about again."""
    reply = Message.objects.get(pk=int(key))
    cost = _close(call, answer, policy)
    if cost is None:
        return DEALT_WITH
    if isinstance(answer, ModelReading):
        found = judge_answer(
            reply.body, replace(answer, model=call.model, cost=cost), call.tier, float(policy.small_sure)
        )
    elif answer.permanent:
        found = Reading(why_person=in_words(answer))
    else:
        return LEFT
    if not Message.objects.reopen(reply):
        return DEALT_WITH
    return LABELLED if take_in(reply, found, policy) else LEFT


def _close(call: ModelCall, answer: ModelReading | ModelError, policy: ReadingPolicy) -> Decimal | None:
    """What it cost; None when the answer has been read before."""
    cost = policy.cost(call.tier, answer.tokens - answer.tokens_out, answer.tokens_out) / HALF_PRICE
    useful = isinstance(answer, ModelReading)
    outcome = ModelCall.Outcome.ANSWERED if useful else ModelCall.Outcome.FAILED
    return cost if ModelCall.objects.finish(call, outcome=outcome, tokens=answer.tokens, cost=cost) else None
