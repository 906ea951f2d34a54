"""When a campaign's step is done for an owner: read this table to know. Asked when the step is due, of how things stand
then; an owner for whom one of them does not hold is passed over, with the reason, and goes on to the next step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Standing:
    """What conditions ask about one owner. `texted`: a text of the campaign has left."""

    stage: str
    has_consent: bool
    replied: bool
    texted: bool
    delivered: bool


@dataclass(frozen=True)
class Condition:
    label: str
    holds: Callable[[Standing], bool]
    why_not: str


CONDITIONS: Mapping[str, Condition] = {
    "no_reply": Condition("only without a reply", lambda owner: not owner.replied, "the owner has replied"),
    "not_delivered": Condition(
        "only if no text was delivered", lambda owner: not owner.delivered, "a text was delivered"
    ),
    "delivered": Condition("only if a text was delivered", lambda owner: owner.delivered, "no text was delivered"),
    "not_texted": Condition("only if no text has left", lambda owner: not owner.texted, "a text has left"),
    "no_consent": Condition(
        "only without consent for texts", lambda owner: not owner.has_consent, "there is consent for texts"
    ),
    "consent": Condition(
        "only with consent for texts", lambda owner: owner.has_consent, "there is no consent for texts"
    ),
}


def why_passed_over(conditions: Iterable[str], stages: Iterable[str], owner: Standing) -> str:
    """The first condition that does not hold, in words; empty when the step is to be done."""
    for code in conditions:
        if not CONDITIONS[code].holds(owner):
            return CONDITIONS[code].why_not
    wanted = list(stages)
    return f"the lead is {owner.stage.replace('_', ' ')}" if wanted and owner.stage not in wanted else ""
