"""What of the caps is used up: each counts texts or segments in a calendar window and starts again with the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from outreach.gate_facts import Cap
from outreach.querysets.messages import Use

if TYPE_CHECKING:
    from markets.models import Market
    from outreach.models import Message

PACIFIC = ZoneInfo("America/Los_Angeles")
T_MOBILE_DAY = 2000
"""Segments a low-volume brand may send to T-Mobile a day, Pacific time (Twilio, 10DLC throughput)."""


@dataclass(frozen=True)
class Counted:
    """One cap of a text. `scope` and `key` name whose counter it is; `zone` None counts minutes, not days."""

    name: str
    scope: str
    key: int
    limit: int
    zone: ZoneInfo | None
    in_segments: bool = False

    def slot(self, at: datetime) -> tuple[str, int, str]:
        return (self.scope, self.key, f"{at:%Y%m%d%H%M}" if self.zone is None else f"{at.astimezone(self.zone):%Y%m%d}")

    def resets_at(self, at: datetime) -> datetime:
        if self.zone is None:
            return at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return next_midnight(at, self.zone)


class Ledger:
    """Counters of all caps; `take` makes a text count, so that the next one of the same batch sees it."""

    def __init__(self, markets: Iterable[Market], uses: Iterable[Use]) -> None:
        self._zones = {market.pk: market.zone for market in markets}
        self._taken: Counter[tuple[str, int, str]] = Counter()
        for use in uses:
            self._count_use(use)

    def caps(self, message: Message, at: datetime) -> tuple[Cap, ...]:
        return tuple(
            Cap(row.name, row.limit, self._taken[row.slot(at)], row.resets_at(at), row.in_segments)
            for row in caps_of(message, at)
        )

    def take(self, message: Message, at: datetime) -> None:
        for row in caps_of(message, at):
            self._taken[row.slot(at)] += message.segments if row.in_segments else 1

    def _count_use(self, use: Use) -> None:
        zone = self._zones.get(use.market_id or 0)
        days = {"market": use.campaign_id and use.market_id, "campaign": use.campaign_id, "sender": use.sender_id}
        for scope, key in days.items():
            if key and zone:
                self._taken[Counted("", scope, key, 0, zone).slot(use.at)] += use.texts
        if use.sender_id:
            self._taken[Counted("", "minute", use.sender_id, 0, None).slot(use.at)] += use.segments
        if is_t_mobile(use.carrier):
            self._taken[Counted("", "t-mobile", 0, 0, PACIFIC).slot(use.at)] += use.segments


def caps_of(message: Message, at: datetime) -> list[Counted]:
    """A campaign's text counts for the market and the campaign too; a person's answer for sender and carrier alone."""
    assert message.market is not None
    zone, rows = message.market.zone, []
    if message.step is not None:
        campaign = message.step.campaign
        rows.append(
            Counted("the market's texts a day", "market", message.market.pk, message.market.daily_text_cap, zone)
        )
        rows.append(Counted("the campaign's texts a day", "campaign", campaign.pk, campaign.daily_cap, zone))
    if message.sender is not None:
        sender = message.sender
        cap = sender.cap_on(at.astimezone(zone).date())
        rows.append(Counted("the sender's texts a day", "sender", sender.pk, cap, zone))
        rows.append(
            Counted("the sender's segments a minute", "minute", sender.pk, sender.segments_per_minute, None, True)
        )
    if is_t_mobile(message.phone.carrier):
        rows.append(Counted("the brand's T-Mobile segments a day", "t-mobile", 0, T_MOBILE_DAY, PACIFIC, True))
    return rows


def is_t_mobile(carrier: str) -> bool:
    return "t-mobile" in carrier.lower()


def next_midnight(at: datetime, zone: ZoneInfo) -> datetime:
    day = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(at.tzinfo)
