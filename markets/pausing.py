"""Stopping everything a market sends, and letting it go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.results import Result
from markets.models import Market

if TYPE_CHECKING:
    from core.models import User


def pause_market(market: Market, *, by: User | None, reason: str) -> Result[Market]:
    """Nothing leaves for it until it is resumed; queued texts stay queued. Declines with `no_reason` or `paused`."""
    if not reason.strip():
        return Result.declined("no_reason", "Say why the market is paused.")
    with transaction.atomic():
        locked = Market.objects.locked(market)
        if locked.paused_at:
            return Result.declined("paused", f"{locked} is paused already: {locked.pause_reason}")
        return _save(locked, by, reason.strip()[:200])


def resume_market(market: Market, *, by: User | None) -> Result[Market]:
    """Declines with `not_paused`."""
    with transaction.atomic():
        locked = Market.objects.locked(market)
        if not locked.paused_at:
            return Result.declined("not_paused", f"{locked} is not paused.")
        return _save(locked, by, "")


def _save(market: Market, by: User | None, reason: str) -> Result[Market]:
    market.paused_at, market.pause_reason = (timezone.now(), reason) if reason else (None, "")
    market._history_user = by  # type: ignore[attr-defined]  # read by simple-history
    market.save(update_fields=["paused_at", "pause_reason", "updated_at"])
    return Result.ok(market)
