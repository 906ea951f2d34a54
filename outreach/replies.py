"""Giving replies their label and doing what it means. A reply is settled by a label or by asking a person; until then
nothing is sent to its number."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.results import Result
from leads.events import record_event
from leads.models import Event
from outreach.answer_cache import read_by_cache, remember
from outreach.label_effects import carry_out
from outreach.language_model import LanguageModel, ModelError, configured_model
from outreach.model_budget import MeteredModel
from outreach.models import Message, ReadingPolicy, ReplyLabel
from outreach.reading import Reader, Reading, read_by_models, read_by_rules, speaks_to_a_model

if TYPE_CHECKING:
    from core.models import User

logger = logging.getLogger(__name__)
MAX_READINGS = 5
"""How often the model is asked about one reply before a person has to."""


def label_reply(message: Message, model: LanguageModel | None = None) -> ReplyLabel | None:
    """The label of the first tier that is sure, carried out; None when a person was asked. `model` stands for all
    models. Raises ModelError."""
    policy = ReadingPolicy.objects.current()
    return _label(message, policy, [Reader(model)] if model else configured_readers(policy))


def configured_readers(policy: ReadingPolicy) -> list[Reader]:
    """The small model, then the larger one; none without a key."""
    tiers = (
        (ReplyLabel.Tier.SMALL, policy.small_model, policy.small_sure),
        (ReplyLabel.Tier.LARGE, policy.large_model, policy.large_sure),
    )
    models = ((tier, configured_model(name, policy.prompt), sure) for tier, name, sure in tiers if name)
    return [Reader(MeteredModel(model, policy, tier), tier.value, float(sure)) for tier, model, sure in models if model]


def _label(message: Message, policy: ReadingPolicy, readers: Sequence[Reader]) -> ReplyLabel | None:
    found = read_by_rules(message.body)
    if not found.label and not speaks_to_a_model(message.body):
        found = read_by_cache(message, policy, timezone.now())
    if not found.label:
        found = read_by_models(message.body, readers)
    if not found.label:
        Message.objects.ask_person(message, found.why_person, timezone.now())
        return None
    label = apply_label(message, as_label(found))
    if label is not None:
        remember(message, label, policy)
    return label


def label_by_rules_now(message: Message) -> ReplyLabel | None:
    """Without network; None when the rules cannot tell and another tier has to."""
    found = read_by_rules(message.body)
    return apply_label(message, as_label(found)) if found.label else None


def label_waiting(limit: int = 50) -> int:
    """Labels replies no tier has decided yet; returns how many were settled.

    A reply is leased before the model is called, outside any transaction, so that two workers do not ask twice.
    """
    policy, settled = ReadingPolicy.objects.current(), 0
    readers = configured_readers(policy)
    for _ in range(limit):
        message = Message.objects.lease_undecided(timezone.now())
        if message is None:
            break
        settled += _label_leased(message, policy, readers)
    return settled


def apply_label(message: Message, label: ReplyLabel) -> ReplyLabel | None:
    """Makes `label`, not saved yet, the current one and does what it means.

    None when a person has settled the reply meanwhile: a machine does not overrule.
    """
    with transaction.atomic():
        locked: Message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
        if label.tier != ReplyLabel.Tier.PERSON and locked.processed_at is not None:
            return None
        _make_current(locked, label)
        needs_person = carry_out(locked, label) and label.tier != ReplyLabel.Tier.PERSON
        Message.objects.settle(locked, timezone.now(), needs_person=needs_person)
    message.refresh_from_db(fields=["processed_at", "needs_person", "error"])
    return label


def correct_label(message: Message, label: str, *, by: User) -> Result[ReplyLabel]:
    """A person's reading replaces any other. It lifts nothing: an opt-out or a suppression stays until it is lifted."""
    if message.direction != Message.Direction.IN:
        return Result.declined("not_a_reply", "Only a reply has a label.")
    if label not in ReplyLabel.Label.values:
        return Result.declined("unknown_label", f"“{label}” is not a label.")
    applied = apply_label(
        message, ReplyLabel(label=label, tier=ReplyLabel.Tier.PERSON, confidence=Decimal(1), corrected_by=by)
    )
    assert applied is not None
    remember(message, applied, ReadingPolicy.objects.current())
    return Result.ok(applied)


def mark_handled(message: Message, *, by: User) -> Result[Message]:
    """A person has read the reply and wants no label for it: sending to its number goes on."""
    if message.direction != Message.Direction.IN:
        return Result.declined("not_a_reply", "Only a reply can be handled.")
    Message.objects.settle(message, timezone.now(), needs_person=False)
    record_event(
        Event.Kind.NOTE_ADDED,
        lead=message.lead,
        owner=message.owner,
        actor=by,
        message=message.pk,
        text="Reply handled.",
    )
    return Result.ok(message)


def as_label(reading: Reading) -> ReplyLabel:
    return ReplyLabel(
        label=reading.label,
        tier=reading.tier,
        model=reading.model[:60],
        confidence=Decimal(str(reading.confidence)).quantize(Decimal("0.001")),
        evidence=reading.evidence[:300],
        tokens=reading.tokens,
        latency_ms=reading.latency_ms,
        cost=reading.cost,
    )


def note_opt_out(message: Message, evidence: str) -> None:
    """Keeps the label of an opt-out whose effects are done already."""
    with transaction.atomic():
        _make_current(message, as_label(Reading("opt_out", ReplyLabel.Tier.RULES.value, 1.0, evidence)))
        Message.objects.settle(message, timezone.now(), needs_person=False)


def _make_current(message: Message, label: ReplyLabel) -> None:
    ReplyLabel.objects.retire(message)
    label.message = message
    label.save()
    record_event(
        Event.Kind.REPLY_LABELLED,
        lead=message.lead,
        owner=message.owner,
        actor=label.corrected_by,
        message=message.pk,
        label=label.label,
        tier=label.tier,
        evidence=label.evidence,
    )


def _label_leased(message: Message, policy: ReadingPolicy, readers: Sequence[Reader]) -> bool:
    if message.attempts > MAX_READINGS:
        Message.objects.ask_person(message, "The language model could not be reached.", timezone.now())
        return True
    try:
        _label(message, policy, readers)
    except ModelError as fault:
        logger.warning("reply %s: %s", message.pk, fault)
        if fault.permanent:
            Message.objects.ask_person(message, f"{fault}.".capitalize(), timezone.now())
        return fault.permanent
    return True
