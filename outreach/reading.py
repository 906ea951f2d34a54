"""What a reply means, read in tiers: the opt-out first and apart, then the rules, then the language model.

Nothing here writes; `outreach.replies` keeps what was read and does what it means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from outreach.label_rules import label_by_rules
from outreach.language_model import LanguageModel, ModelReading
from outreach.models import ReplyLabel
from outreach.opt_out import OptOutDecision, decide_opt_out
from outreach.plain_words import flatten

MIN_CONFIDENCE = 0.7
"""Below it another tier or a person decides, where no policy says otherwise."""

_SPEAKS_TO_A_MODEL = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|prompt|rule|above|previous|prior)"
    r"|\b(?:ignor[ae]\w*|olvid\w+|oubli\w+|descart\w+|omit\w+|(?:haz|hagas?) caso|esquec\w+|desconsider\w+)\b.{0,40}"
    r"\b(?:instruc|prompt|reg[lr]a|regle|consigne|indicacion|anterior|precedent)"
    r"|\b(?:etiquet\w+|clasific\w+|class(?:e|ez|er|ifi\w+)|marca(?:r|me|lo|la|nos)?|marque)\b.{0,30}"
    r"\b(?:interested|interesad[oa]|interessee?|interessad[oa]|send_offer|opt_out|hostile?|confused|wrong_number|deceased)\b"
    r"|(?:^|[\n\"'<{.!?])\s*(?:system|developer|assistant|user)\s*(?:prompt|message)?\"?\s*:|\bsystem prompt\b"
    r"|</?(?:system|user|assistant|reply)\b|\"(?:label|confidence|evidence)\"\s*:"
    r"|\byou are (?:now )?(?:an? )?(?:ai|assistant|language model|chatgpt|gpt)\b"
    r"|\b(?:label|classify|mark|answer)\b.{0,30}"
    r"\b(?:interested|send_offer|opt_out|hostile|confused|wrong_number|deceased)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Reading:
    """`label` "" means undecided; `why_person` then says why nobody but a person can decide, or is empty while another
    tier may still be asked. `evidence` stands literally in the reply."""

    label: str = ""
    tier: str = ""
    confidence: float = 0.0
    evidence: str = ""
    why_person: str = ""
    model: str = ""
    tokens: int = 0
    latency_ms: int = 0
    cost: Decimal = Decimal(0)


@dataclass(frozen=True)
class Reader:
    """A model, the tier it is, and how sure it has to be."""

    model: LanguageModel
    tier: str = ReplyLabel.Tier.SMALL.value
    sure: float = MIN_CONFIDENCE


UNDECIDED = Reading()


def read_opt_out(body: str, provider_says: str = "") -> OptOutDecision:
    """`provider_says` is Twilio's OptOutType. Its STOP counts whatever the words are; its START does not, because
    Twilio takes a YES for one: only the words lift an opt-out."""
    decision = decide_opt_out(body)
    if provider_says == "STOP" and not decision.opt_out:
        return OptOutDecision(opt_out=True, evidence=body.strip() or "OptOutType STOP", rule="provider")
    return decision


def read_by_rules(body: str) -> Reading:
    """A reply that speaks to a language model is left to a person: its words are no answer to us."""
    if speaks_to_a_model(body):
        return UNDECIDED
    found = label_by_rules(body)
    if found.label is None:
        return UNDECIDED
    return Reading(found.label, ReplyLabel.Tier.RULES.value, found.confidence, found.evidence)


def read_by_model(body: str, model: LanguageModel) -> Reading:
    """Raises ModelError."""
    return read_by_models(body, [Reader(model)])


def read_by_models(body: str, readers: Sequence[Reader]) -> Reading:
    """The first reader that is sure; an answer that cannot be trusted leaves the reply to the next, at last to a
    person. Tokens, time and cost are those of all that were asked. Raises ModelError."""
    unfit = why_not_asked(body)
    if unfit:
        return Reading(why_person=unfit)
    found = Reading(why_person="No language model is set up.")
    for reader in readers:
        found = and_before(found, _read(body, reader))
        if found.label:
            break
    return found


def _read(body: str, reader: Reader) -> Reading:
    return judge_answer(body, reader.model.read_reply(body), reader.tier, reader.sure)


def why_not_asked(body: str) -> str:
    """Empty for a reply that a model may be asked about."""
    if not body.strip():
        return "The reply has no words."
    return "The reply speaks to a language model instead of us." if speaks_to_a_model(body) else ""


def speaks_to_a_model(body: str) -> bool:
    """Such a reply is never sent to one, in whatever letters it is dressed."""
    visible = "".join(letter for letter in body if letter.isprintable() or letter.isspace())
    return bool(_SPEAKS_TO_A_MODEL.search(flatten(visible)))


def judge_answer(body: str, answer: ModelReading, tier: str, sure: float) -> Reading:
    """A label only when the answer can be trusted: sure enough, and its evidence stands in the reply."""
    asked = Reading(model=answer.model, tokens=answer.tokens, latency_ms=answer.latency_ms, cost=answer.cost)
    doubt = _doubt(answer, body, sure)
    if doubt:
        return replace(asked, why_person=doubt)
    return replace(asked, label=answer.label, tier=tier, confidence=answer.confidence, evidence=answer.evidence)


def and_before(before: Reading, now: Reading) -> Reading:
    return replace(
        now,
        tokens=before.tokens + now.tokens,
        latency_ms=before.latency_ms + now.latency_ms,
        cost=before.cost + now.cost,
    )


def _doubt(answer: ModelReading, body: str, sure: float) -> str:
    if answer.label not in ReplyLabel.Label.values:
        return "The language model could not decide."
    if not answer.evidence.strip() or answer.evidence not in body:
        return "The language model quoted words that are not in the reply."
    if answer.confidence < sure:
        return f"The language model was not sure enough ({answer.confidence:.2f} for {answer.label})."
    return ""
