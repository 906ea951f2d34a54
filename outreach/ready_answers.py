"""Templates for answers, filled for one lead's owner: what a rep starts from in the reply box."""

from __future__ import annotations

from dataclasses import dataclass

from leads.models import Lead
from outreach.models import MessageTemplate
from outreach.rendering import render
from outreach.wording import merge_values


@dataclass(frozen=True)
class ReadyAnswer:
    """`missing`: what the template needs and this owner lacks, in words; such a text is not offered."""

    pk: int
    name: str
    text: str
    missing: str


def ready_answers(lead: Lead) -> list[ReadyAnswer]:
    """One for each wording in use: in the owner's language first, then the market's own."""
    values = merge_values(lead, None)
    templates = MessageTemplate.objects.usable(lead.market, MessageTemplate.Purpose.REPLY).with_wordings()
    found = []
    for template in sorted(templates, key=lambda template: template.language != lead.owner.language):
        wordings = [wording for wording in template.variants.all() if wording.active]
        for wording in wordings:
            name = template.name if len(wordings) == 1 else f"{template.name} {wording.name}"
            filled = render(wording.body, values, template.language)
            missing = ", ".join(sorted(filled.missing)).replace("_", " ")
            found.append(ReadyAnswer(wording.pk, name, filled.text, missing))
    return found
