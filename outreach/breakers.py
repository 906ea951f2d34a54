"""Breakers: what goes wrong too often stops by itself, is tried again with a few texts, and goes on or stops longer.

closed -> open when a rule is met: running campaigns concerned are paused, the gate holds their texts. open -> trying
(half open) after the cool-down: the campaigns it paused go on, and the gate lets a few texts pass. trying -> closed
when these have gone well, else open again for twice as long. A person may close it at any time, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from core.results import Result
from leads.events import record_event
from leads.models import Event
from outreach import campaigns
from outreach.models import Breaker, BreakerRule, Campaign
from outreach.querysets.breakers import Tally, tallies, texts_since

if TYPE_CHECKING:
    from core.models import User

State, Signal = Breaker.State, BreakerRule.Signal
WATCHED_FOR = {
    Signal.UNANSWERED: timedelta(0),
    Signal.FILTERED: timedelta(minutes=15),
    Signal.NOT_DELIVERED: timedelta(minutes=15),
    Signal.OPTED_OUT: timedelta(hours=1),
    Signal.WRONG_NUMBER: timedelta(hours=1),
}
"""How long after the last text that was tried its fate is waited for."""
LONGEST = timedelta(days=7)
_LOCK = 7_120_527


def check_breakers(now: datetime | None = None, *, signals: Iterable[str] = tuple(Signal)) -> int:
    """Opens, tries and closes what is due; returns how many breakers changed. Several workers may ask at once."""
    now, wanted = now or timezone.now(), list(signals)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        in_force = list(Breaker.objects.in_force(wanted))
        changed = sum(_follow(breaker, now) for breaker in in_force)
        known = {(breaker.rule_id, breaker.subject_id) for breaker in in_force}
        for rule in BreakerRule.objects.in_use(wanted):
            for tally in _met(rule, now):
                if (rule.pk, tally.subject_id) not in known:
                    _open(rule, tally, now)
                    changed += 1
    return changed


def close_breaker(breaker: Breaker, *, by: User, reason: str) -> Result[Breaker]:
    """Lets texts go on at once; the campaigns that it paused stay paused until somebody resumes them. What went wrong
    before does not count again. Declines with `no_reason` or `closed`."""
    if not reason.strip():
        return Result.declined("no_reason", "Say why texts may go on.")
    with transaction.atomic():
        locked = Breaker.objects.locked(breaker)
        if locked.state == State.CLOSED:
            return Result.declined("closed", "It is closed already.")
        locked.closed_by, locked.close_reason = by, reason.strip()[:200]
        _close(locked, timezone.now())
    return Result.ok(locked)


def _met(rule: BreakerRule, now: datetime) -> list[Tally]:
    since = now - rule.window
    met = [tally for tally in tallies(rule, since) if rule.is_met_by(tally.bad, tally.sent)]
    closed = Breaker.objects.last_closed(rule, since) if met else {}
    again = [
        next(tallies(rule, closed[tally.subject_id], tally.subject_id or None), tally._replace(bad=0))
        for tally in met
        if tally.subject_id in closed
    ]
    fresh = [tally for tally in met if tally.subject_id not in closed]
    return [*fresh, *(tally for tally in again if rule.is_met_by(tally.bad, tally.sent))]


def _open(rule: BreakerRule, tally: Tally, now: datetime) -> None:
    reason = f"{tally.bad} of {tally.sent} texts {rule.get_signal_display()} within {_in_words(rule.window)}"
    breaker = Breaker.objects.create(
        rule=rule,
        subject_id=tally.subject_id,
        subject=tally.subject or f"{rule.get_scope_display()} {tally.subject_id}",
        reason=reason,
        opened_at=now,
        retry_at=now + rule.cool_down if rule.probes else None,
    )
    _alarm(breaker, f"Stopped: {breaker.subject}"[:200])
    _pause(breaker)


def _follow(breaker: Breaker, now: datetime) -> bool:
    """The next step of one in force, if it is due."""
    if breaker.state == State.OPEN:
        if breaker.retry_at is None or now < breaker.retry_at:
            return False
        _try(breaker, now)
        return True
    assert breaker.half_open_at is not None
    tally = next(tallies(breaker.rule, breaker.half_open_at, breaker.subject_id or None), None)
    if tally is not None and tally.bad:
        _open_again(breaker, now)
        return True
    watched_from = now - WATCHED_FOR[Signal(breaker.rule.signal)]
    tried = texts_since(breaker, breaker.half_open_at) - texts_since(breaker, watched_from)
    if watched_from < breaker.half_open_at or tried < breaker.rule.probes:
        return False
    _close(breaker, now)
    return True


def _try(breaker: Breaker, now: datetime) -> None:
    breaker.state, breaker.half_open_at = State.HALF_OPEN, now
    breaker.save(update_fields=["state", "half_open_at"])
    for campaign in breaker.paused.all():
        campaigns.resume_campaign(campaign, by=None)
    breaker.paused.clear()


def _open_again(breaker: Breaker, now: datetime) -> None:
    longer = min(breaker.rule.cool_down * 2.0**breaker.times_opened, LONGEST)
    breaker.state, breaker.half_open_at, breaker.retry_at = State.OPEN, None, now + longer
    breaker.times_opened += 1
    breaker.save(update_fields=["state", "half_open_at", "retry_at", "times_opened"])
    _alarm(breaker, f"Stopped again: {breaker.subject}"[:200])
    _pause(breaker)


def _close(breaker: Breaker, now: datetime) -> None:
    breaker.state, breaker.closed_at = State.CLOSED, now
    breaker.save(update_fields=["state", "closed_at", "closed_by", "close_reason"])


def _pause(breaker: Breaker) -> None:
    for campaign in Campaign.objects.running().stopped_by(breaker.rule.scope, breaker.subject_id):
        if campaigns.pause_campaign(campaign, by=None, reason=breaker.reason):
            breaker.paused.add(campaign)


def _alarm(breaker: Breaker, title: str) -> None:
    record_event(Event.Kind.PROVIDER_ALARM, code=None, title=title, detail=breaker.reason, breaker=breaker.pk)


def _in_words(window: timedelta) -> str:
    hours, minutes = divmod(window // timedelta(minutes=1), 60)
    return f"{hours} hours" if hours and not minutes else f"{window // timedelta(minutes=1)} minutes"
