"""A text's state as people read it, and the gate's or the provider's words for why it is so."""

from __future__ import annotations

from outreach.models import GateDecision, Message

STATE_COLOURS = {
    "queued": "info",
    "held": "warning",
    "sending": "info",
    "delivered": "success",
    "undelivered": "danger",
    "failed": "danger",
    "uncertain": "warning",
    "blocked": "warning",
}
HELD = "held"
"""Not a state of its own: a queued text that the gate keeps back for now."""


def shown_state(message: Message) -> tuple[str, str]:
    """What decides the colour, and the words."""
    if message.needs_person:
        return "blocked", "For a person"
    if message.state == Message.State.QUEUED and message.error.startswith(HELD):
        return HELD, "Held"
    return message.state, message.get_state_display()


def why(message: Message, decision: GateDecision | None) -> str:
    """“held until Mon 8:00 Central: Sunday in Louisiana”; empty where a text simply went. What was written down last
    counts: a text may have been tried since the gate let it go."""
    kept_back = decision is not None and message.state in ("queued", "blocked", "dry_run")
    said = decision.summary if decision is not None and kept_back and decision.outcome != "allowed" else ""
    return message.error or said
