"""How the wordings of a template do: what became of their texts, and which part of the next texts each gets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from outreach.learning import Goal, Interval, Tally, shares, stops, wilson
from outreach.models import MessageTemplate, TemplateVariant
from outreach.querysets.tallies import answer_counts, sent_counts


@dataclass(frozen=True)
class Rate:
    """So many of so many texts; `low` and `high` bound the true rate with 95 % confidence."""

    events: int
    of: int

    @property
    def rate(self) -> float | None:
        return self.events / self.of if self.of else None

    @property
    def interval(self) -> Interval:
        return wilson(self.events, self.of)


@dataclass(frozen=True)
class Line:
    """One wording. `share`: its part of the next texts; `stopped`: why it gets none, or would get none."""

    variant: TemplateVariant
    tally: Tally
    share: float
    stopped: str

    @property
    def rates(self) -> list[tuple[str, Rate]]:
        counted, sent = self.tally, self.tally.sent
        named = {
            "Delivered": counted.delivered,
            "Replied": counted.replied,
            "Interested": counted.interested,
            "Opted out": counted.opted_out,
            "Filtered": counted.filtered,
        }
        return [(name, Rate(events, sent)) for name, events in named.items()]


def report(template: MessageTemplate) -> list[Line]:
    """All wordings of the template, with what became of their texts in the present words."""
    variants = list(template.variants.order_by("name"))
    counted = tallies(variant.pk for variant in variants)
    used = {variant.pk: counted[variant.pk] for variant in variants if variant.active}
    found, now = stops(used), shares_of(template, variants, counted)
    return [
        Line(variant, counted[variant.pk], now.get(variant.pk, 0.0), found.get(variant.pk, "")) for variant in variants
    ]


def shares_of(
    template: MessageTemplate, variants: Sequence[TemplateVariant], counted: dict[int, Tally]
) -> dict[int, float]:
    """By the weights that people gave, or by what the template has learnt; wordings that are off get nothing."""
    used = [variant for variant in variants if variant.active]
    if template.learns:
        mine = {variant.pk: counted.get(variant.pk, Tally()) for variant in used}
        return shares(mine, Goal(template.goal), template.least_texts)
    total = sum(variant.weight for variant in used)
    return {variant.pk: variant.weight / total for variant in used}


def shares_lately(template: MessageTemplate, variants: Sequence[TemplateVariant], now: datetime) -> dict[int, float]:
    """The same for sending, which asks often: what was counted this minute counts. `variants` with their versions."""
    if not template.learns:
        return shares_of(template, variants, {})
    versions = tuple((variant.pk, getattr(variant, "version", None)) for variant in variants)
    return shares_of(template, variants, _tallies_at(versions, int(now.timestamp() // 60)))


def tallies(variant_ids: Iterable[int]) -> dict[int, Tally]:
    """Of each wording in its present words: what people answered to other words says nothing about these."""
    ids = list(variant_ids)
    present = _versions_of_present_words(ids)
    found: dict[int, Tally] = defaultdict(Tally)
    for variant, version, sent, delivered, filtered in sent_counts(ids):
        if version in present[variant]:
            found[variant] += Tally(sent=sent, delivered=delivered, filtered=filtered)
    for variant, version, replied, interested, opted_out in answer_counts(ids):
        if version in present[variant]:
            found[variant] += Tally(replied=replied, interested=interested, opted_out=opted_out)
    return {pk: found[pk] for pk in ids}


@lru_cache(maxsize=64)
def _tallies_at(versions: tuple[tuple[int, int | None], ...], minute: int) -> dict[int, Tally]:
    return tallies(pk for pk, _ in versions)


def _versions_of_present_words(variant_ids: Iterable[int]) -> dict[int, set[int | None]]:
    """Wording -> the versions that read as it does now. Texts from before versions were kept (None) are taken for the
    first one's."""
    versions: dict[int, list[tuple[int | None, str]]] = defaultdict(list)
    for variant, version, body in TemplateVariant.objects.versions_of(variant_ids):
        if not versions[variant]:
            versions[variant].append((None, body))
        versions[variant].append((version, body))
    present = {
        variant: {version for version, body in rows if body == rows[-1][1]} for variant, rows in versions.items()
    }
    return defaultdict(set, present)
