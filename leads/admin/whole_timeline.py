"""The whole timeline of a lead, page by page, whether its events are archived or not."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from core.models import User
from core.waking import wake_on_commit
from leads.admin.deeds import DELETE
from leads.admin.timeline import entry_of
from leads.models import AnyEvent, Lead
from leads.querysets_archive import Position
from leads.restoring import KEPT, restore_lead
from leads.tasks import bring_events_back

PAGE = 100


def show_whole(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm("leads.view_lead"):
        raise PermissionDenied
    leads = Lead.objects.with_page() if request.user.has_perm(DELETE.permission) else Lead.objects.for_page()
    lead = get_object_or_404(leads, pk=pk)
    events = AnyEvent.objects.timeline(lead, PAGE + 1, _position(request.GET.get("before", "")))
    shown = events[:PAGE]
    context = {
        **admin.site.each_context(request),
        "opts": Lead._meta,
        "title": f"Timeline of {lead.owner.name}",
        "lead": lead,
        "entries": [(entry_of(event), event.archived) for event in shown],
        "older": _words(shown[-1]) if len(events) > PAGE else "",
        "first_page": not request.GET.get("before"),
        "may_restore": request.user.has_perm("leads.restore_event") and any(event.archived for event in shown),
    }
    return TemplateResponse(request, "admin/leads/lead/timeline.html", context)


def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm("leads.restore_event"):
        raise PermissionDenied
    assert isinstance(request.user, User)
    lead = get_object_or_404(Lead.objects.live(), pk=pk)
    restore_lead(lead, by=request.user)
    wake_on_commit(bring_events_back)
    messages.success(request, f"The archived events are being brought back, for {KEPT.days} days.")
    return HttpResponseRedirect(reverse("admin:leads_lead_timeline", args=[lead.pk]))


def _words(event: AnyEvent) -> str:
    return f"{event.created_at.isoformat()}~{event.pk}"


def _position(words: str) -> Position | None:
    """The place that a link names; None, the top, when it is not one of ours."""
    moment, _, number = words.partition("~")
    at = _moment(moment)
    return Position(at, int(number)) if at and number.isdecimal() else None


def _moment(words: str) -> datetime | None:
    try:
        at = parse_datetime(words)
    except ValueError:
        return None
    return at if at and at.tzinfo else None
