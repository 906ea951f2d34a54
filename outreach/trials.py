"""A wording tried on real leads before it is used: to whom it could not be sent as it is, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.models import MessageTemplate, SenderNumber
from outreach.previews import Wording, values_for
from outreach.querysets.audience import leads_to_try
from outreach.rendering import includes_opt_out_wording, render, unresolved
from outreach.segments import measure

if TYPE_CHECKING:
    from leads.models import Lead
    from markets.models import Market

Purpose = MessageTemplate.Purpose
TRIED = 200
"""Leads a wording is tried on, best score first."""
FILLED_BY_MACHINE = (Purpose.FIRST_TEXT, Purpose.FOLLOW_UP, Purpose.LETTER)
"""An answer to a reply is finished by the person who sends it."""


@dataclass(frozen=True)
class Trial:
    """`without`: placeholder -> leads it has neither a value nor a fallback for. `too_long`: leads whose text is over
    the segments their market allows; `longest` the most segments any has. `odd`: what looks like a value that is none
    ("nan") -> leads whose text holds it. `silent`: leads whose first text would not say how to stop, as that stood in a
    fallback."""

    leads: int = 0
    without: Mapping[str, int] | None = None
    too_long: int = 0
    longest: int = 0
    odd: Mapping[str, int] | None = None
    silent: int = 0

    @property
    def faults(self) -> Iterator[str]:
        """Why not one of the leads tried could be sent it."""
        return (words for words, leads in self._findings() if leads == self.leads)

    @property
    def notes(self) -> Iterator[str]:
        """Why some of them could not."""
        return (words for words, leads in self._findings() if leads < self.leads)

    def _findings(self) -> Iterator[tuple[str, int]]:
        for name, leads in sorted((self.without or {}).items()):
            cure = f"Write what stands there instead, as in {{{{{name}|…}}}}; without it they are not sent this."
            yield f"{self._of(leads)} no {name.replace('_', ' ')}. {cure}", leads
        for piece, leads in sorted((self.odd or {}).items()):
            yield f"{self._of(leads)} “{piece}” in the text, which the rules stop.", leads
        if self.silent:
            yield f"{self._of(self.silent)} no word on how to stop: write it outside of the placeholders.", self.silent
        if self.too_long:
            yield (
                f"{self._of(self.too_long)} more segments than the market allows (up to {self.longest}).",
                self.too_long,
            )

    def _of(self, leads: int) -> str:
        if leads == self.leads:
            return "The only lead tried has" if leads == 1 else f"All {leads} leads tried have"
        return f"{leads} of the {self.leads} leads tried {'has' if leads == 1 else 'have'}"


class LeadSample:
    """Tries wordings of one template on the same leads."""

    def __init__(self, market: Market | None) -> None:
        self._leads: Sequence[Lead] = leads_to_try(market, TRIED)
        senders = SenderNumber.objects.usable({lead.market_id for lead in self._leads})
        self._senders = {sender.market_id: sender for sender in reversed(list(senders))}

    def try_on(self, wording: Wording) -> Trial:
        if wording.purpose not in FILLED_BY_MACHINE:
            return Trial()
        without, odd, counts, too_long, silent = Counter[str](), Counter[str](), [0], 0, 0
        for lead in self._leads:
            sender = self._senders.get(lead.market_id) or self._senders.get(None)
            rendered = render(wording.body, values_for(wording.purpose, lead, sender), wording.language)
            without.update(rendered.missing)
            silent += wording.purpose == Purpose.FIRST_TEXT and not includes_opt_out_wording(rendered.text)
            odd.update(filter(None, [unresolved(rendered.text)] if not rendered.missing else []))
            if wording.purpose != Purpose.LETTER:
                counts.append(measure(rendered.text).count)
                too_long += counts[-1] > lead.market.max_segments
        return Trial(len(self._leads), without, too_long, max(counts), odd, silent)
