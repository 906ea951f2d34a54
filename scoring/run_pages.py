"""Watching a market being scored, stopping it, and asking for it: part of the page of its weights."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.models import User
from markets.models import Market
from scoring.models import ScoringProfile, ScoringRun
from scoring.profiles import active_profile
from scoring.run_requests import cancel_run, request_run


class RunPages:
    """Views of the admin of scoring profiles."""

    admin_site: Any

    def run_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("runs/<int:pk>/progress/", view(self.progress_view), name="scoring_scoringrun_progress"),
            path("runs/<int:pk>/cancel/", view(require_POST(self.cancel_view)), name="scoring_scoringrun_cancel"),
            path("score/<int:market_pk>/", view(require_POST(self.score_view)), name="scoring_scoringrun_start"),
        ]

    def progress_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        if not request.user.has_perm("scoring.view_scoringrun"):
            raise PermissionDenied
        return JsonResponse(progress_of(get_object_or_404(ScoringRun.objects.for_page(), pk=pk)))

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require_change(request)
        run = get_object_or_404(ScoringRun, pk=pk)
        result = cancel_run(run)
        if result:
            messages.success(request, "Cancelled. Leads that were scored keep their new score.")
        else:
            messages.error(request, result.message)
        return _to_weights(run.market_id)

    def score_view(self, request: HttpRequest, market_pk: int) -> HttpResponse:
        _require_change(request)
        market = get_object_or_404(Market, pk=market_pk)
        assert isinstance(request.user, User)
        run = request_run(active_profile(market), by=request.user, cause=ScoringRun.Cause.BY_HAND)
        messages.success(request, f"{market} is being scored with version {run.profile.version}.")
        return _to_weights(market_pk)


def run_context(market: Market, profile: ScoringProfile) -> dict[str, Any]:
    """The latest run over the market, if there was one; `all_scored`: it has brought the weights in force to every
    lead."""
    run = ScoringRun.objects.latest_of(market)
    if run is None:
        return {"run": None}
    in_force = run.profile_id == profile.pk
    return {"run": run, "progress": progress_of(run), "all_scored": in_force and run.state == ScoringRun.State.DONE}


def progress_of(run: ScoringRun) -> dict[str, Any]:
    """What the page's script shows; `percent` is 0-100, the rate in leads a second, the time left in seconds."""
    until = run.finished_at or run.heartbeat_at or timezone.now()
    seconds = (until - run.started_at).total_seconds() if run.started_at else 0
    rate = round(run.leads_done / seconds) if seconds > 0 else 0
    total = max(run.leads_total, run.leads_done)
    return {
        "label": run.get_state_display(),
        "finished": run.finished,
        "read": run.leads_done,
        "total": total,
        "percent": round(100 * run.leads_done / total) if total else 100 * run.finished,
        "rate": rate,
        "seconds_left": round((total - run.leads_done) / rate) if rate and not run.finished else None,
        "changed": run.leads_changed,
        "note": _note(run),
    }


def _note(run: ScoringRun) -> str:
    """Whose scores are shown meanwhile."""
    version = f"version {run.profile.version}"
    if run.state == ScoringRun.State.DONE:
        return f"Every lead shows its score by {version}."
    if not run.leads_done:
        return "No lead is done yet: all show their score by the version before."
    return f"Leads done so far show their score by {version}; the others show their score by the version before."


def _require_change(request: HttpRequest) -> None:
    if not request.user.has_perm("scoring.change_scoringprofile"):
        raise PermissionDenied


def _to_weights(market_pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:scoring_scoringprofile_weights", args=[market_pk]))
