"""The call list: what is to be called, and what came of it. One call's page is in `call_page`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.admin import KeysetAdmin, display
from core.keyset import Position
from core.phones import mask
from markets.models import EmergencyHold, Market
from outreach.admin import call_page
from outreach.calls import fill_call_list
from outreach.models import CallTask

MOST_CALLS = 200
EPOCH = datetime.fromtimestamp(0, UTC)
OUTCOME_COLOURS = {
    CallTask.Outcome.INTERESTED: "success",
    CallTask.Outcome.CALL_BACK: "info",
    CallTask.Outcome.WRONG_NUMBER: "warning",
}


class FillForm(forms.Form):
    market = forms.ModelChoiceField(queryset=Market.objects.order_by("name"), empty_label=None)
    limit = forms.IntegerField(label="calls", min_value=1, max_value=MOST_CALLS, initial=25)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "campaign-input"


class StateFilter(SimpleListFilter):
    """Open calls unless something else is asked for."""

    title = "call"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("due", "To call now"), ("done", "Made")]

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        return [{**first, "display": "Open"}, *rest]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "done":
            return queryset.done()  # type: ignore[attr-defined]
        return queryset.due(timezone.now()) if self.value() == "due" else queryset.open()  # type: ignore[attr-defined]


class AssignedFilter(SimpleListFilter):
    title = "assigned to"
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("me", "Me"), ("nobody", "Nobody")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "me":
            return queryset.assigned(request.user)  # type: ignore[attr-defined]
        return queryset.assigned(None) if self.value() == "nobody" else queryset  # type: ignore[attr-defined]


@admin.register(CallTask)
class CallTaskAdmin(KeysetAdmin):
    list_display = ("owner_name", "parcel", "score", "phone_masked", "reason", "due", "assigned_to", "outcome_label")
    list_display_links = ("owner_name",)
    list_filter = (StateFilter, AssignedFilter)
    search_fields = ("owner__name", "lead__parcel__number")
    search_help_text = "Owner, parcel number or situs"
    list_before_template = "admin/outreach/calltask/fill.html"
    revertible = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallTask]:
        return CallTask.objects.for_list()

    def position_of(self, row: CallTask) -> Position:
        return [(row.due_at - EPOCH) // timedelta(microseconds=1), row.pk]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[CallTask], search_term: str
    ) -> tuple[QuerySet[CallTask], bool]:
        return (queryset.found_by(search_term) if search_term else queryset), False  # type: ignore[attr-defined]

    def get_urls(self) -> list[URLPattern]:
        fill = self.admin_site.admin_view(require_POST(self.fill_view))
        mine = [path("fill/", fill, name="outreach_calltask_fill"), *call_page.urls(self.admin_site)]
        return [*mine, *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> Any:
        made = request.GET.get(StateFilter.parameter_name) == "done"
        return [name for name in self.list_display if name != ("due" if made else "outcome_label")]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Calls come from “Fill call list” and from calls that reached nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        form = FillForm() if may_fill(request) else None
        return super().changelist_view(request, {**(extra_context or {}), "fill_form": form})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return call_page.show(self, request, object_id)

    def fill_view(self, request: HttpRequest) -> HttpResponse:
        if not may_fill(request):
            raise PermissionDenied
        form = FillForm(request.POST)
        if form.is_valid():
            market = form.cleaned_data["market"]
            count = fill_call_list(market, form.cleaned_data["limit"])
            messages.add_message(request, messages.SUCCESS if count else messages.WARNING, _filled(market, count))
        else:
            messages.error(request, f"Choose a market and 1 to {MOST_CALLS} calls.")
        return HttpResponseRedirect(reverse("admin:outreach_calltask_changelist"))

    @display(description="Owner")
    def owner_name(self, task: CallTask) -> str:
        return task.owner.name

    @display(description="Parcel")
    def parcel(self, task: CallTask) -> str:
        return f"{task.lead.parcel.parish.name} {task.lead.parcel.number}"

    @display(description="Score")
    def score(self, task: CallTask) -> str:
        return "—" if task.lead.score is None else str(task.lead.score)

    @display(description="Phone")
    def phone_masked(self, task: CallTask) -> str:
        return mask(task.phone.number) if task.phone else "—"

    @display(description="Due")
    def due(self, task: CallTask) -> str:
        if task.done_at is None and task.due_at <= timezone.now():
            return "now"
        return f"{timezone.localtime(task.due_at):%b %-d, %H:%M}"

    @display(description="Outcome", label=OUTCOME_COLOURS)
    def outcome_label(self, task: CallTask) -> tuple[str, str] | None:
        return (task.outcome, task.get_outcome_display()) if task.outcome else None


def may_fill(request: HttpRequest) -> bool:
    return request.user.has_perm("outreach.add_calltask")


def _filled(market: Market, count: int) -> str:
    if count:
        return f"{count} new call{'' if count == 1 else 's'} for {market}."
    if EmergencyHold.objects.in_force(timezone.now()).in_state(market.state):
        return f"No calls were added: an emergency hold is in force in {market.state}."
    return f"No calls were added: no owner in {market} is waiting for one. Called owners come back after 30 days."
