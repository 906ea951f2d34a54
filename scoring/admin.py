"""The weights of the motivation score: every change is a new version of a market's profile, none is edited in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from core.admin import INPUT_CLASSES, MachineWrittenAdmin, display
from core.models import User
from markets.models import Market
from scoring.models import ScoringProfile
from scoring.profiles import active_profile, put_back, save_weights
from scoring.tasks import score_market
from scoring.weights import DEFAULTS, Weights

FACTORS: Mapping[str, tuple[str, str]] = {
    "absentee": ("Absentee owner", "Where the owner gets mail."),
    "tax_distress": ("Tax distress", "Adjudicated, or years of unpaid taxes."),
    "size": ("Size", "How many buyers look for land of this size."),
    "undervaluation": ("Undervaluation", "Land value per acre against the parish median."),
    "exit_signals": ("Exit signals", "Signs that the owner has let go of the land."),
    "ownership_duration": ("Ownership duration", "Years since the last sale; unknown gives 0."),
}
CASES: Mapping[str, str] = {
    "out_of_state": "in another state",
    "other_parish": "in another parish",
    "adjudicated": "adjudicated",
    "three_years": "unpaid for 3 years or more",
    "one_year": "unpaid for 1 year or more",
    "quarter_to_5_acres": "0.25 to 5 acres",
    "over_5_to_20_acres": "over 5 to 20 acres",
    "under_quarter_acre": "under 0.25 acres",
    "under_60_percent": "under 60 % of the median",
    "under_80_percent": "under 80 % of the median",
    "five_years": "5 years or more",
    "twenty_years": "20 years or more",
    "ten_years": "10 years or more",
}


class WeightsForm(forms.Form):
    """A whole number for each case of each factor, and why."""

    note = forms.CharField(
        label="Why",
        max_length=200,
        help_text="Kept with the version.",
        widget=forms.TextInput({"class": INPUT_CLASSES}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = {"class": INPUT_CLASSES, "style": "width: 6rem; min-width: 0"}
        for factor, case in _cases():
            self.fields[f"{factor}.{case}"] = forms.IntegerField(
                label=CASES[case], min_value=0, max_value=100, widget=forms.NumberInput(number)
            )

    @property
    def groups(self) -> list[dict[str, Any]]:
        return [
            {"title": title, "help": text, "fields": [self[f"{name}.{case}"] for case in DEFAULTS[name]]}
            for name, (title, text) in FACTORS.items()
        ]

    @property
    def weights(self) -> Weights:
        return {
            factor: {case: self.cleaned_data[f"{factor}.{case}"] for case in cases}
            for factor, cases in DEFAULTS.items()
        }


@admin.register(ScoringProfile)
class ScoringProfileAdmin(MachineWrittenAdmin):
    list_display = ("market", "version", "in_force", "note", "created_by", "created_at")
    list_filter = ("active",)
    list_select_related = ("market", "created_by")
    ordering = ("market", "-version")
    list_before_template = "admin/scoring/scoringprofile/markets.html"

    @display(description="In force", boolean=True)
    def in_force(self, profile: ScoringProfile) -> bool:
        return profile.active

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        steps = [
            path("weights/<int:market_pk>/", view(self.weights_view), name="scoring_scoringprofile_weights"),
            path("<int:pk>/put-back/", view(require_POST(self.put_back_view)), name="scoring_scoringprofile_put_back"),
        ]
        return steps + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        markets = {"markets": Market.objects.order_by("name"), "may_change": _may_change(request)}
        return super().changelist_view(request, (extra_context or {}) | markets)

    def weights_view(self, request: HttpRequest, market_pk: int) -> HttpResponse:
        if not _may_change(request):
            raise PermissionDenied
        market = get_object_or_404(Market, pk=market_pk)
        profile = active_profile(market)
        form = WeightsForm(request.POST or None, initial=_flat(profile.weights))
        if form.is_valid() and _saved(request, market, form):
            return _back()
        title = f"Score weights of {market}"
        return self._page(request, "weights", title, form=form, profile=profile, market=market)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        profile = get_object_or_404(ScoringProfile.objects.for_list(), pk=object_id)
        if not self.has_view_permission(request, profile):
            raise PermissionDenied
        lines = _compared(profile.weights, active_profile(profile.market).weights)
        return self._page(
            request, "version", str(profile), profile=profile, factors=lines, may_change=_may_change(request)
        )

    def put_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not _may_change(request):
            raise PermissionDenied
        profile = get_object_or_404(ScoringProfile.objects.for_list(), pk=pk)
        _announce(request, put_back(profile, by=_person(request)))
        return _back()

    def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse:
        shared = self.admin_site.each_context(request) | {"opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/scoring/scoringprofile/{name}.html", shared | context)


def _saved(request: HttpRequest, market: Market, form: WeightsForm) -> bool:
    try:
        profile = save_weights(market, form.weights, by=_person(request), note=form.cleaned_data["note"])
    except ValidationError as error:
        form.add_error(None, error)
        return False
    _announce(request, profile)
    return True


def _announce(request: HttpRequest, profile: ScoringProfile) -> None:
    """Says so, and lets a worker score the market anew."""
    score_market.delay(profile.market_id)
    messages.success(request, f"{profile} is in force; {profile.market} is being scored anew.")


def _compared(weights: Weights, now: Weights) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "cases": [(CASES[case], points, now[name][case]) for case, points in weights[name].items()],
        }
        for name, (title, _) in FACTORS.items()
    ]


def _cases() -> list[tuple[str, str]]:
    return [(factor, case) for factor, cases in DEFAULTS.items() for case in cases]


def _flat(weights: Weights) -> dict[str, int]:
    return {f"{factor}.{case}": weights[factor][case] for factor, case in _cases()}


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("scoring.change_scoringprofile")


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:scoring_scoringprofile_changelist"))
