from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandParser

from core.input_lines import input_lines
from core.line_command import LineCommand
from outreach.language_model import ModelError
from outreach.models import ReadingPolicy
from outreach.reading import Reader, Reading, read_by_models, read_by_rules, read_opt_out
from outreach.replies import configured_readers


class Command(LineCommand):
    help = (
        "Reads one reply per line from standard input and writes one JSON object per line: opt_out, held (may be an "
        "opt-out, a person decides), label or null, tier, evidence, and why a person is needed. It labels "
        "nothing; what the models cost is counted."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rules-only", action="store_true", help="Ask no language model: no network, no database.")

    def handle(self, *args: Any, **options: Any) -> None:
        readers = [] if options["rules_only"] else configured_readers(ReadingPolicy.objects.current())
        for reply in input_lines():
            self.say(json.dumps(classify(reply, readers), ensure_ascii=False))


def classify(reply: str, readers: Sequence[Reader]) -> dict[str, Any]:
    decision = read_opt_out(reply)
    found = Reading()
    if decision.opt_out:
        found = Reading("opt_out", "rules", 1.0, decision.evidence)
    elif decision.doubtful:
        found = Reading(evidence=decision.evidence, why_person="It may be an opt-out.")
    elif not decision.start:
        found = _label(reply, readers)
    return {
        "opt_out": found.label == "opt_out",
        "held": decision.doubtful,
        "label": found.label or None,
        "tier": found.tier or None,
        "evidence": found.evidence,
        "why_person": found.why_person,
    }


def _label(reply: str, readers: Sequence[Reader]) -> Reading:
    found = read_by_rules(reply)
    if found.label or not readers:
        return found
    try:
        return read_by_models(reply, readers)
    except ModelError as fault:
        return Reading(why_person=str(fault))
