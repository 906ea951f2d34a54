"""How well replies are read: what people corrected, per tier and model, and how soon a label is there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from core.admin import MachineWrittenAdmin
from outreach.accuracy import drift, matrices, speed_to_lead
from outreach.admin.conversation import LABEL_COLOURS
from outreach.models import ReplyLabel

CHOICES = (7, 30, 90)
DAYS = 30
CORRECTED = 100


@admin.register(ReplyLabel)
class ReplyLabelAdmin(MachineWrittenAdmin):
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        days, now = _days(request), timezone.now()
        since = now - timedelta(days=days)
        names = dict(ReplyLabel.Label.choices)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "How well replies are read",
            "days": days,
            "choices": CHOICES,
            "matrices": matrices(since, now),
            "labels": names.values(),
            "drift": drift(now),
            "speed": speed_to_lead(now),
            "corrected": [(row, names[row.truth]) for row in ReplyLabel.objects.corrected(since, now, CORRECTED)],
            "colours": LABEL_COLOURS,
        }
        return TemplateResponse(request, "admin/outreach/replylabel/accuracy.html", context)


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, CHOICES) else DAYS
