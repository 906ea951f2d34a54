"""Replies that no model could be asked about in time, read afterwards in one batch at half the price."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from core.results import Result
from outreach.answer_cache import remember
from outreach.language_model import ModelError, ModelReading
from outreach.model_budget import calls_left
from outreach.models import Message, ModelCall, ReadingPolicy, ReplyLabel
from outreach.openai_model import OpenAIBatch, OpenAIModel
from outreach.reading import judge_answer, speaks_to_a_model
from outreach.replies import apply_label, as_label

LEFT_BECAUSE = (
    "Today's budget for the language model is spent.",
    "No language model is set up.",
    "The language model could not be reached.",
)
HALF_PRICE = 2
MOST = 10_000


def start_backlog(*, limit: int = MOST) -> Result[str]:
    """The batch's id. Within the day's budget of calls; replies stay with people until an answer is there."""
    policy = ReadingPolicy.objects.current()
    most = min(limit, calls_left(policy))
    if most < 1:
        return Result.declined("budget_spent", "Today's budget for the language model is spent.")
    waiting = [reply for reply in Message.objects.left_by_models(LEFT_BECAUSE, most) if _may_be_asked(reply)]
    if not waiting:
        return Result.declined("nothing_left", "No reply waits for want of a model.")
    batch_id = _batch(policy).start({str(reply.pk): reply.body for reply in waiting})
    now = timezone.now()
    ModelCall.objects.bulk_create(
        ModelCall(
            tier=ReplyLabel.Tier.SMALL, model=policy.small_model, asked_at=now, detail=f"{batch_id} reply {reply.pk}"
        )
        for reply in waiting
    )
    return Result.ok(batch_id)


def finish_backlog(batch_id: str) -> Counter[str] | None:
    """How many replies got a label, stay with a person, or were dealt with meanwhile; None while the batch is being
    worked on. Doing it twice is harmless. Raises ModelError."""
    policy = ReadingPolicy.objects.current()
    answers = _batch(policy).fetch(batch_id)
    if answers is None:
        return None
    done: Counter[str] = Counter()
    for key, call in ModelCall.objects.open_of_batch(batch_id).items():
        answer = answers.get(key) or ModelError("the batch has no answer", permanent=False)
        done[_take_in(key, call, answer, policy)] += 1
    return done


def _batch(policy: ReadingPolicy) -> OpenAIBatch:
    return OpenAIBatch(OpenAIModel(policy.small_model, policy.prompt))


def _may_be_asked(reply: Message) -> bool:
    return bool(reply.body.strip()) and not speaks_to_a_model(reply.body)


@transaction.atomic
def _take_in(key: str, call: ModelCall, answer: ModelReading | ModelError, policy: ReadingPolicy) -> str:
    if isinstance(answer, ModelError):
        ModelCall.objects.finish(call, outcome=ModelCall.Outcome.FAILED)
        return "left to a person"
    cost = policy.cost(call.tier, answer.tokens - answer.tokens_out, answer.tokens_out) / HALF_PRICE
    ModelCall.objects.finish(call, outcome=ModelCall.Outcome.ANSWERED, tokens=answer.tokens, cost=cost)
    reply = Message.objects.get(pk=int(key))
    found = judge_answer(reply.body, replace(answer, cost=cost), call.tier, float(policy.small_sure))
    if not found.label:
        return "left to a person"
    if not Message.objects.reopen(reply):
        return "dealt with meanwhile"
    label = apply_label(reply, as_label(found))
    if label is not None:
        remember(reply, label, policy)
    return "labelled"
