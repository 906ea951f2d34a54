"""The weights of the motivation score: every change is a new version of a market's profile, none is edited in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from scoring.run_pages import RunPages, run_context
from scoring.weights import Weights, completed


@dataclass(frozen=True)
class FactorText:
    """How a factor and its cases (as in scoring/weights.py, in the order in which they are asked) read on the page."""

    title: str
    help: str
    cases: Mapping[str, str]


FACTORS: Mapping[str, FactorText] = {
    "absentee": FactorText(
        "Absentee owner",
        "Where the owner gets mail. In the parish, or unknown: 0.",
        {"out_of_state": "in another state", "other_parish": "in another parish"},
    ),
    "tax_distress": FactorText(
        "Tax distress",
        "Whether taxes are paid. Paid, or unknown: 0.",
        {
            "adjudicated": "adjudicated: taken over for unpaid taxes",
            "three_years": "unpaid for 3 years or more",
            "one_year": "unpaid for 1 year or more",
        },
    ),
    "size": FactorText(
        "Size",
        "How many buyers look for land of this size. Over 20 acres, or unknown: 0.",
        {
            "under_quarter_acre": "under 0.25 acres",
            "quarter_to_5_acres": "0.25 to 5 acres",
            "over_5_to_20_acres": "over 5 to 20 acres",
        },
    ),
    "undervaluation": FactorText(
        "Undervaluation",
        "Land value per acre against the median of the parish. 80 % and more, or unknown: 0.",
        {"under_60_percent": "under 60 % of the median", "under_80_percent": "under 80 % of the median"},
    ),
    "exit_signals": FactorText(
        "Exit signals",
        "Signs that the owner has let go of the land, beside the points for tax distress.",
        {"adjudicated": "adjudicated", "five_years": "taxes unpaid for 5 years or more"},
    ),
    "ownership_duration": FactorText(
        "Ownership duration",
        "Years since the last sale. Less than 5, or unknown: 0.",
        {
            "twenty_years": "owned for 20 years or more",
            "ten_years": "owned for 10 years or more",
            "five_years": "owned for 5 years or more",
        },
    ),
    "stacking": FactorText(
        "List stacking",
        "On how many lists of unpaid taxes (adjudicated, delinquent) the land is. While both are 0 it is left out.",
        {"two_lists": "on both lists", "one_list": "on one of them"},
    ),
}
VERSIONS_SHOWN = 20


class WeightsForm(forms.Form):
    """A whole number for each case of each factor, and why. `seen`: the version on which the page was based."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label="Why",
        max_length=200,
        help_text="Kept with the version.",
        widget=forms.TextInput({"class": INPUT_CLASSES}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = {"class": INPUT_CLASSES, "style": "width: 6rem; min-width: 0"}
        for name, factor in FACTORS.items():
            for case, label in factor.cases.items():
                self.fields[f"{name}.{case}"] = forms.IntegerField(
                    label=label, min_value=0, max_value=100, widget=forms.NumberInput(number)
                )

    @property
    def groups(self) -> list[dict[str, Any]]:
        return [
            {"title": factor.title, "help": factor.help, "fields": [self[f"{name}.{case}"] for case in factor.cases]}
            for name, factor in FACTORS.items()
        ]

    @property
    def weights(self) -> Weights:
        return {
            name: {case: self.cleaned_data[f"{name}.{case}"] for case in factor.cases}
            for name, factor in FACTORS.items()
        }


@admin.register(ScoringProfile)
class ScoringProfileAdmin(RunPages, MachineWrittenAdmin):
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
        return steps + self.run_urls() + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        markets = {"markets": Market.objects.order_by("name"), "may_change": _may_change(request)}
        return super().changelist_view(request, (extra_context or {}) | markets)

    def weights_view(self, request: HttpRequest, market_pk: int) -> HttpResponse:
        if not _may_change(request):
            raise PermissionDenied
        market = get_object_or_404(Market, pk=market_pk)
        profile = active_profile(market)
        form = WeightsForm(request.POST or None, initial={"seen": profile.version, **_flat(profile.weights)})
        if form.is_valid() and _saved(request, market, form):
            return HttpResponseRedirect(request.path)
        versions = ScoringProfile.objects.for_list().of_market(market)[:VERSIONS_SHOWN]
        title = f"Score weights of {market}"
        context = {"form": form, "profile": profile, "market": market, "versions": versions, "may_change": True}
        return self._page(request, "weights", title, **context, **run_context(market, profile))

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
        return HttpResponseRedirect(reverse("admin:scoring_scoringprofile_weights", args=[profile.market_id]))

    def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse:
        shared = self.admin_site.each_context(request) | {"opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/scoring/scoringprofile/{name}.html", shared | context)


def _saved(request: HttpRequest, market: Market, form: WeightsForm) -> bool:
    said = form.cleaned_data
    try:
        profile = save_weights(market, form.weights, by=_person(request), note=said["note"], seen=said["seen"])
    except ValidationError as error:
        form.add_error(None, error)
        return False
    _announce(request, profile)
    return True


def _announce(request: HttpRequest, profile: ScoringProfile) -> None:
    messages.success(request, f"{profile} is in force; {profile.market} is being scored anew.")


def _compared(weights: Weights, now: Weights) -> list[dict[str, Any]]:
    weights, now = completed(weights), completed(now)
    return [
        {
            "title": factor.title,
            "cases": [(label, weights[name][case], now[name][case]) for case, label in factor.cases.items()],
        }
        for name, factor in FACTORS.items()
    ]


def _flat(weights: Weights) -> dict[str, int]:
    points = completed(weights)
    return {f"{name}.{case}": points[name][case] for name, factor in FACTORS.items() for case in factor.cases}


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("scoring.change_scoringprofile")


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
