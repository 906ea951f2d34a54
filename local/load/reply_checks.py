"""What a flood must not do: lose a reply, count one twice, mix two up, or ask the language model more than agreed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local.load.flood import Reply

MOST_CALLS, LEAST_PRECISION = 0.30, 0.97
BY_MODELS = ("cache", "small", "large")


@dataclass(frozen=True)
class Label:
    label: str
    tier: str


@dataclass(frozen=True)
class Facts:
    """What came of the replies: labels by the provider's id, and how often each was noted as received and labelled."""

    replies: Sequence[Reply]
    taken: frozenset[str]
    messages: Sequence[str]
    labels: Mapping[str, Sequence[Label]]
    received: Mapping[str, int]
    labelled: Mapping[str, int]
    stopped: frozenset[str]
    waiting: int
    calls: int


def violations(facts: Facts) -> list[str]:
    return [
        *_not_once("not taken by the webhook", facts.replies, dict.fromkeys(facts.taken, 1)),
        *_not_once("kept as a message", facts.replies, Counter(facts.messages)),
        *_not_once("labels", facts.replies, {sid: len(labels) for sid, labels in facts.labels.items()}),
        *_not_once("noted as received", facts.replies, facts.received),
        *_not_once("noted as labelled", facts.replies, facts.labelled),
        *([f"{facts.waiting} still wait"] if facts.waiting else []),
        *_opt_outs(facts),
        *_mixed_up(facts),
        *_rules(facts),
        *_calls(facts),
    ]


def precision(facts: Facts) -> float:
    """Of what the rules decided and is no opt-out."""
    by_rules = [reply for reply in _others(facts) if _tier(facts, reply) == "rules"]
    return sum(_label(facts, reply) == reply.truth for reply in by_rules) / len(by_rules) if by_rules else 1.0


def share_asked(facts: Facts) -> float:
    """Of the phrases that came for the first time, how many the rules left to the language model."""
    new = [reply for reply in facts.replies if reply.is_new]
    return sum(_tier(facts, reply) in BY_MODELS for reply in new) / len(new) if new else 0.0


def calls_per_reply(facts: Facts) -> float:
    return facts.calls / max(len(_others(facts)), 1)


def _not_once(what: str, replies: Sequence[Reply], times: Mapping[str, int]) -> list[str]:
    wrong = [f"{reply.sid[-6:]}: {times.get(reply.sid, 0)}" for reply in replies if times.get(reply.sid, 0) != 1]
    strange = set(times) - {reply.sid for reply in replies}
    found = [f"{what}, {len(wrong)} not once: {', '.join(wrong[:5])}"] if wrong else []
    return [*found, f"{what}, {len(strange)} that nobody sent"] if strange else found


def _opt_outs(facts: Facts) -> list[str]:
    stops = [reply for reply in facts.replies if reply.truth == "opt_out"]
    missed = [reply for reply in stops if _label(facts, reply) != "opt_out" or reply.number not in facts.stopped]
    return [f"{len(missed)} opt-outs do not hold: {missed[0].body!r}"] if missed else []


def _mixed_up(facts: Facts) -> list[str]:
    """The model knows every reply, so whatever it says otherwise was said of another."""
    wrong = [
        reply for reply in facts.replies
        if _tier(facts, reply) in BY_MODELS and _label(facts, reply) != reply.truth
    ]  # fmt: skip
    return [f"{len(wrong)} have another's label: {wrong[0].body!r}"] if wrong else []


def _rules(facts: Facts) -> list[str]:
    found = precision(facts)
    return [f"what the rules decide is right in {found:.1%} only"] if found < LEAST_PRECISION else []


def _calls(facts: Facts) -> list[str]:
    asked, calls = share_asked(facts), calls_per_reply(facts)
    found = [f"{asked:.1%} of new phrases go to the model"] if asked > MOST_CALLS else []
    return [*found, f"{calls:.1%} calls per reply"] if calls > MOST_CALLS else found


def _others(facts: Facts) -> list[Reply]:
    return [reply for reply in facts.replies if reply.truth != "opt_out"]


def _label(facts: Facts, reply: Reply) -> str:
    labels = facts.labels.get(reply.sid) or [Label("", "")]
    return labels[0].label


def _tier(facts: Facts, reply: Reply) -> str:
    labels = facts.labels.get(reply.sid) or [Label("", "")]
    return labels[0].tier
