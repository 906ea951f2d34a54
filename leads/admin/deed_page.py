"""The page of a deed: what it means, what waits to be sent about these leads, why; for a move both markets compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from core.models import User
from leads.admin.deeds import DEEDS, MOVE, Deed, DeedForm
from leads.models import Lead
from markets.models import ContactRule, Market

if TYPE_CHECKING:
    from leads.querysets import LeadQuerySet

MOST_AT_ONCE = 50_000
"""Leads that one request changes, in seconds; who means more narrows the list."""
CARRIED = ("action", "select_across", "index", helpers.ACTION_CHECKBOX_NAME)
"""What the list posts with an action; the page posts it back, so that the same leads are meant."""

MarketFact = Callable[[Market], tuple[str, str]]


@dataclass(frozen=True)
class Waits:
    """A kind of thing that waits to be sent or done about leads; in a move it goes along or is cancelled."""

    number: int
    one: str
    many: str
    outlives_move: bool

    def __str__(self) -> str:
        return f"{self.number:,} {self.one if self.number == 1 else self.many}"


Waiting = Callable[["LeadQuerySet"], Iterable[Waits]]
_market_facts: list[MarketFact] = []
_waiting: list[Waiting] = []


def add_market_fact(fact: MarketFact) -> None:
    """A line of the comparison of two markets that a room above this one knows."""
    _market_facts.append(fact)


def add_waiting(waiting: Waiting) -> None:
    _waiting.append(waiting)


def do_to_one(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    deed = DEEDS.get(name)
    if deed is None:
        raise Http404
    lead = get_object_or_404(Lead.objects.with_page(), pk=pk)
    return do(deed, request, Lead.objects.just(lead), back=lead.get_absolute_url(), title=lead.owner.name)


def do(deed: Deed, request: HttpRequest, leads: LeadQuerySet, *, back: str, title: str = "") -> HttpResponse:
    """Shows the page of the deed, or does it when the page was sent."""
    if not request.user.has_perm(deed.permission):
        raise PermissionDenied
    assert isinstance(request.user, User)
    count = leads.count()
    if count > MOST_AT_ONCE:
        messages.error(request, f"{count:,} leads are too many at once: narrow the list to {MOST_AT_ONCE:,} or fewer.")
        return HttpResponseRedirect(back)
    form = deed.form(request.POST if "step" in request.POST else None)
    if request.POST.get("step") == "do" and form.is_valid() and _was_shown(request, form):
        result = deed.perform(leads, form.cleaned_data, request.user)
        messages.add_message(request, messages.SUCCESS if result else messages.ERROR, result.message)
        return HttpResponseRedirect(back)
    return TemplateResponse(
        request, "admin/leads/lead/deed.html", _context(deed, request, leads, form, count, back, title)
    )


def _was_shown(request: HttpRequest, form: DeedForm) -> bool:
    """A move is done only after the page compared the two markets."""
    market = form.cleaned_data.get("market")
    return market is None or request.POST.get("shown") == str(market.pk)


def _context(
    deed: Deed, request: HttpRequest, leads: LeadQuerySet, form: DeedForm, count: int, back: str, title: str
) -> dict[str, Any]:
    market = _chosen_market(form) if deed is MOVE else None
    return {
        **admin.site.each_context(request),
        "opts": Lead._meta,
        "title": deed.button or "Assign",
        "whom": title or f"{count:,} lead{'' if count == 1 else 's'}",
        "deed": deed,
        "count": count,
        "form": form,
        "back": back,
        "market": market,
        "needs_look": deed is MOVE and market is None,
        "compared": _compare(list(Market.objects.holding(leads)), market) if market else [],
        "follows": [*deed.follows, *_waiting_lines(deed, leads)],
        "carried": [(name, value) for name in CARRIED for value in request.POST.getlist(name)],
    }


def _chosen_market(form: DeedForm) -> Market | None:
    form.is_valid()
    market: Market | None = getattr(form, "cleaned_data", {}).get("market")
    return market


def _waiting_lines(deed: Deed, leads: LeadQuerySet) -> list[str]:
    if not (deed.stops_contact or deed is MOVE):
        return []
    found = [kind for waiting in _waiting for kind in waiting(leads) if kind.number]
    going_on = [kind for kind in found if deed is MOVE and kind.outlives_move]
    stopped = [kind for kind in found if kind not in going_on]
    lines = [f"Cancelled: {', '.join(map(str, stopped))}."] if stopped else []
    lines += [f"Goes on under the new market's rules: {', '.join(map(str, going_on))}."] if going_on else []
    return lines or ["Nothing waits to be sent about them."]


def _compare(present: list[Market], market: Market) -> list[tuple[str, str, str]]:
    """Line by line: as it is, and as it will be."""
    before = _facts(present[0]) if len(present) == 1 else {}
    mixed = f"{len(present)} markets"
    return [(name, before.get(name, mixed), text) for name, text in _facts(market).items()]


def _facts(market: Market) -> dict[str, str]:
    rule = ContactRule.objects.hours_in(market.state)
    most = f", {rule.max_per_24h} texts in 24 hours at most" if rule.max_per_24h is not None else ""
    closed = ", closed on holidays" if rule.holidays_closed else ""
    own = market.as_hours()
    return {
        "Market": market.name,
        "Time zone": market.timezone,
        "Its hours": f"{own.start:%-H:%M}–{own.end:%-H:%M} {own.days_in_words}",
        "Contact rule": f"{market.state}: {rule.start:%-H:%M}–{rule.end:%-H:%M} {rule.days_in_words}{most}{closed}",
        "Texts a day": f"{market.daily_text_cap:,}",
        "Contacted from score": f"{market.contact_score}, hot from {market.hot_score}",
        "Texts come from": market.company_name,
        **dict(fact(market) for fact in _market_facts),
    }
