"""What a reply means, read in tiers: the opt-out first and apart, then the rules, then the language model.

Nothing here writes; `outreach.replies` keeps what was read and does what it means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from outreach.label_rules import label_by_rules
from outreach.language_model import LanguageModel, ModelReading
from outreach.models import ReplyLabel
from outreach.opt_out import OptOutDecision, decide_opt_out

MIN_CONFIDENCE = 0.7
"""Below it a person decides."""

_SPEAKS_TO_A_MODEL = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|prompt|rule|above|previous|prior)"
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


UNDECIDED = Reading()


def read_opt_out(body: str, provider_says: str = "") -> OptOutDecision:
    """`provider_says` is Twilio's OptOutType. Its STOP counts whatever the words are; its START does not, because
    Twilio takes a YES for one: only the words lift an opt-out."""
    decision = decide_opt_out(body)
    if provider_says == "STOP" and not decision.opt_out:
        return OptOutDecision(opt_out=True, evidence=body.strip() or "OptOutType STOP", rule="provider")
    return decision


def read_by_rules(body: str) -> Reading:
    found = label_by_rules(body)
    if found.label is None:
        return UNDECIDED
    return Reading(found.label, ReplyLabel.Tier.RULES.value, found.confidence, found.evidence)


def read_by_model(body: str, model: LanguageModel) -> Reading:
    """Raises ModelError. An answer that cannot be trusted leaves the reply to a person."""
    if not body.strip():
        return Reading(why_person="The reply has no words.")
    if _SPEAKS_TO_A_MODEL.search(body):
        return Reading(why_person="The reply speaks to a language model instead of us.")
    answer = model.read_reply(body)
    doubt = _doubt(answer, body)
    if doubt:
        return Reading(why_person=doubt, model=answer.model, tokens=answer.tokens, latency_ms=answer.latency_ms)
    return Reading(
        label=answer.label,
        tier=ReplyLabel.Tier.LLM.value,
        confidence=answer.confidence,
        evidence=answer.evidence,
        model=answer.model,
        tokens=answer.tokens,
        latency_ms=answer.latency_ms,
    )


def _doubt(answer: ModelReading, body: str) -> str:
    if answer.label not in ReplyLabel.Label.values:
        return "The language model could not decide."
    if not answer.evidence.strip() or answer.evidence not in body:
        return "The language model quoted words that are not in the reply."
    if answer.confidence < MIN_CONFIDENCE:
        return f"The language model was not sure enough ({answer.confidence:.2f} for {answer.label})."
    return ""
