"""How far the search that runs in the background is, for the admin page. Only a display: losing it does no harm."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from leads.duplicates.search import Found, find_duplicates
from markets.models import Market

_KEY = "leads:duplicate_search"
_REMEMBERED = 7 * 24 * 3600
_SILENT_AFTER = 600


@dataclass(frozen=True)
class SearchState:
    """`found` once it is over; `percent` of the present step."""

    step: str = ""
    percent: int = 0
    at: datetime | None = None
    found: dict[str, Any] | None = None

    @property
    def running(self) -> bool:
        return self.at is not None and self.found is None and (timezone.now() - self.at).total_seconds() < _SILENT_AFTER


def search_state() -> SearchState:
    return SearchState(**cache.get(_KEY, {}))


def search_shown(market: Market | None) -> Found:
    """A search whose progress the page shows."""
    tell("starting", 0, 1)
    found = find_duplicates(market, progress=tell)
    _keep(SearchState("done", 100, timezone.now(), asdict(found)))
    return found


def tell(step: str, done: int, total: int) -> None:
    _keep(SearchState(step, 100 * done // max(total, 1), timezone.now()))


def _keep(state: SearchState) -> None:
    cache.set(_KEY, asdict(state), timeout=_REMEMBERED)
