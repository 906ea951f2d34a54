"""Which wording a campaign's text gets: the template for the market and the owner's language, then one of its variants.

A text is drawn its wording when it is queued and keeps it. Until it is first handed over it is drawn anew only where
its wording is out of use, where another template has become the right one, or where the template lets the better
wording win: then today's chances count. The draw hangs on step and owner alone, so that nothing is left to luck twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from outreach.learning import draw
from outreach.models import MessageTemplate
from outreach.performance import shares_lately

if TYPE_CHECKING:
    from leads.models import Owner
    from outreach.models import CampaignStep, Message, TemplateVariant


class Chooser:
    """For one batch of texts: reads the templates once, with the wordings as they are now."""

    def __init__(self, templates: Iterable[MessageTemplate], now: datetime) -> None:
        self._now = now
        self._relatives: dict[tuple[str, str], list[MessageTemplate]] = defaultdict(list)
        self._by_id: dict[int, MessageTemplate] = {}
        self._variants: dict[int, TemplateVariant] = {}
        for template in MessageTemplate.objects.families(templates):
            self._relatives[template.name, template.purpose].append(template)
            self._by_id[template.pk] = template
            self._variants |= {variant.pk: variant for variant in template.variants.all()}
        self._shares: dict[int, dict[int, float]] = {}

    def choose(self, step: CampaignStep, owner: Owner, market_id: int | None) -> TemplateVariant | None:
        """None when the template has no wording in use."""
        template = self.template_for(step, owner, market_id)
        chosen = draw(self._shares_of(template), f"{step.pk}:{owner.pk}")
        return self._variants.get(chosen or 0)

    def keep_or_choose(self, message: Message) -> TemplateVariant | None:
        """The wording of a text that waits, as it reads now."""
        kept = self._variants.get(message.variant_id or 0, message.variant)
        if kept is None or message.step is None or message.owner is None or message.attempts:
            return kept
        template = self.template_for(message.step, message.owner, message.market_id)
        if kept.active and kept.template_id == template.pk and not template.learns:
            return kept
        return self.choose(message.step, message.owner, message.market_id) or kept

    def template_for(self, step: CampaignStep, owner: Owner, market_id: int | None) -> MessageTemplate:
        """Of the step's template and its relatives: in the owner's language before the step's, the market's own before
        the general one. The step's own when none of them has a wording in use."""
        own = self._by_id.get(step.template_id or 0, step.template)
        usable = [t for t in self._relatives[own.name, own.purpose] if t.active and self._shares_of(t)]
        for language in (owner.language, own.language):
            for market in (market_id, None):
                for template in usable:
                    if (template.language, template.market_id) == (language, market):
                        return template
        return own

    def _shares_of(self, template: MessageTemplate) -> dict[int, float]:
        if template.pk not in self._shares:
            self._shares[template.pk] = shares_lately(template, list(template.variants.all()), self._now)
        return self._shares[template.pk]
