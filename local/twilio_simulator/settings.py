from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from local.personas import PersonaReply
from local.twilio_simulator.scenario import NONE, Scenario

Persona = Callable[[str, str, int], PersonaReply | None]
"""(number, what we wrote, how manieth text of ours to that number) -> what the person answers."""


def silent(number: str, body: str, nth: int) -> None:
    return None


@dataclass(frozen=True)
class Settings:
    """Delays in seconds. `numbers` are the account's own; empty means that any sender is ours.

    `sid_seed` makes the sids: a process that restarts beside a database that remembers must not repeat them.
    `line_types` overrides what Lookup says, by E.164 number. `public_base_url` appears in Lookup's `url`.
    `late_delay`: of late webhooks; `insert_delay`: of slow inserts; `retry_after`: what a 429 asks for.
    `retry_delay`: until a webhook's first retry, each further one twice as late.
    """

    account_sid: str
    auth_token: str
    inbound_url: str = ""
    persona: Persona = silent
    numbers: frozenset[str] = frozenset()
    sid_seed: str = "1"
    status_delay: float = 0.0
    reply_delay: float = 0.0
    late_delay: float = 0.5
    insert_delay: float = 0.5
    hang_seconds: float = 20.0
    retry_after: float = 1.0
    retry_delay: float = 0.0
    workers: int = 8
    public_base_url: str = "https://lookups.twilio.com"
    line_types: Mapping[str, str] = field(default_factory=dict)
    scenario: Scenario = NONE
