"""Giving replies their label and doing what it means. A reply is settled by a label or by asking a person; until then
nothing is sent to its number."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst

from core.results import Result
from leads.events import record_event
from leads.models import Event
from outreach.answer_cache import read_by_cache, read_by_people, remember
from outreach.label_effects import carry_out
from outreach.language_model import LanguageModel, ModelError, configured_model
from outreach.model_budget import MeteredModel
from outreach.models import Message, ReadingPolicy, ReplyLabel
from outreach.reading import Reader, Reading, read_by_models, read_by_rules, speaks_to_a_model
from outreach.reading_together import GroupReader

if TYPE_CHECKING:
    from core.models import User


def label_reply(message: Message, model: LanguageModel | None = None) -> ReplyLabel | None:
    """The label of the first tier that is sure, carried out; None when a person was asked. `model` stands for all
    models. Raises ModelError."""
    policy = ReadingPolicy.objects.current()
    return _label(message, policy, [Reader(model)] if model else configured_readers(policy))


def configured_readers(policy: ReadingPolicy) -> list[GroupReader]:
    """The small model, then the larger one; none without a key."""
    tiers = (
        (ReplyLabel.Tier.SMALL, policy.small_model, policy.small_sure),
        (ReplyLabel.Tier.LARGE, policy.large_model, policy.large_sure),
    )
    models = ((tier, configured_model(name, policy.prompt), sure) for tier, name, sure in tiers if name)
    return [
        GroupReader(MeteredModel(model, policy, tier), tier.value, float(sure)) for tier, model, sure in models if model
    ]


def _label(message: Message, policy: ReadingPolicy, readers: Sequence[Reader]) -> ReplyLabel | None:
    found = read_without_models(message, policy)
    if not found.label:
        found = read_by_models(message.body, readers)
    return take_in(message, found, policy)


def read_without_models(message: Message, policy: ReadingPolicy) -> Reading:
    found = _read_by_rules(message)
    if found.label or speaks_to_a_model(message.body):
        return found
    return read_by_cache(message, policy, timezone.now())


def _read_by_rules(message: Message) -> Reading:
    """Unless a person has corrected what the rules say of these words."""
    found = read_by_rules(message.body)
    said = read_by_people(message, timezone.now()) if found.label else found
    return said if said.label not in ("", found.label) else found


def take_in(message: Message, found: Reading, policy: ReadingPolicy) -> ReplyLabel | None:
    if not found.label:
        Message.objects.ask_person(message, found.why_person, timezone.now())
        return None
    label = apply_label(message, as_label(found))
    if label is not None:
        remember(message, label, policy)
    return label


def label_by_rules_now(message: Message) -> ReplyLabel | None:
    """Without network; None when the rules cannot tell and another tier has to."""
    found = _read_by_rules(message)
    return apply_label(message, as_label(found)) if found.label else None


def apply_label(message: Message, label: ReplyLabel) -> ReplyLabel | None:
    """Makes `label`, not saved yet, the current one and does what it means.

    None when a person has settled the reply meanwhile: a machine does not overrule.
    """
    with transaction.atomic():
        locked = Message.objects.lock_reply(message)
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


def in_words(fault: ModelError) -> str:
    """For the person who has to read the reply now."""
    return f"{capfirst(str(fault))}."


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
