"""Telling the team that something needs a person now. Shown on the home page; channels come later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from leads.models import Event, Lead
from ops.models import Alert

if TYPE_CHECKING:
    from core.models import User
    from ops.querysets import AlertQuerySet

HOT_LEAD_EVERY = timedelta(hours=24)


def raise_alert(
    level: Alert.Level,
    kind: str,
    title: str,
    *,
    key: str,
    detail: str = "",
    lead: Lead | None = None,
    at: datetime | None = None,
) -> Alert:
    """One alert per key: raising it again changes nothing. `at`: when it happened, if not now."""
    alert, _ = Alert.objects.get_or_create(
        key=key,
        defaults={
            "level": level,
            "kind": kind,
            "title": title,
            "detail": detail,
            "lead": lead,
            "created_at": at or timezone.now(),
        },
    )
    return alert


def mark_seen(alerts: AlertQuerySet, *, by: User) -> int:
    """Takes them off the home page; returns how many nobody had seen before."""
    return int(alerts.unseen().select_related(None).update(seen_by=by, seen_at=timezone.now()))


def hot_lead(lead: Lead, reason: str, at: datetime) -> None:
    """At most one per lead in 24 hours, counted by when its replies came to be known and not by when it was told."""
    if Alert.objects.raised_since("hot_lead", lead, at - HOT_LEAD_EVERY):
        return
    raise_alert(
        Alert.Level.WARNING,
        "hot_lead",
        f"Hot lead: {lead.owner.name}",
        key=f"hot_lead:{lead.pk}:{at:%Y%m%d%H%M%S}",
        detail=reason,
        lead=lead,
        at=at,
    )


def provider_alarm(event: Event) -> None:
    title = str(event.data.get("title") or "The text provider refused us")
    detail = str(event.data.get("detail", ""))
    raise_alert(Alert.Level.CRITICAL, "provider", title, key=f"provider:{event.pk}", detail=detail)


def campaign_paused(event: Event) -> None:
    title = f"Campaign paused: {event.data.get('campaign', '')}"
    detail = str(event.data.get("reason", ""))
    raise_alert(Alert.Level.CRITICAL, "campaign_paused", title, key=f"paused:{event.pk}", detail=detail)


def list_feed(event: Event) -> None:
    """A feed tells of each trouble once, so each of its events is an alert."""
    what = event.get_kind_display()
    title = f"{what}: {event.data.get('name', '')}"
    detail = str(event.data.get("detail", ""))
    raise_alert(Alert.Level.WARNING, "list_feed", title[:200], key=f"list_feed:{event.pk}", detail=detail)


def undelivered_event(event: Event) -> None:
    title = f"Event {event.pk} ({event.get_kind_display()}) could not be delivered for a day"
    raise_alert(Alert.Level.CRITICAL, "undelivered_event", title, key=f"event:{event.pk}")
