"""The list of leads. What one lead's page shows and does is in `lead_page`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone

from core.admin import KeysetAdmin, action, display
from core.keyset import Position
from leads.admin import lead_page
from leads.admin.badges import STAGE_COLOURS
from leads.admin.deed_page import do
from leads.admin.deeds import ARCHIVE, ASSIGN, DELETE, MOVE, REACTIVATE, RESTORE, TAG, UNTAG, Deed
from leads.admin.filters import (
    AssignedFilter,
    ListCountFilter,
    MarketFilter,
    OnListFilter,
    OwnerChangedFilter,
    ParishFilter,
    PutAwayFilter,
    RollChangeFilter,
    ScoreFilter,
    StageFilter,
    TagFilter,
)
from leads.assignment import assign_leads
from leads.models import Lead

UNFIT = {
    "deleted": {"assign_to_me", "assign", "tag", "untag", "market", "archive", "reactivate", "delete"},
    "archived": {"market", "archive", "restore"},
}
"""Which actions a list of leads that were put away does not offer."""


@admin.register(Lead)
class LeadAdmin(KeysetAdmin):
    list_display = ("owner_name", "score_shown", "stage_label", "parish_name", "situs", "acres_shown", "next_action",
                    "assigned_to")  # fmt: skip
    list_display_links = ("owner_name",)
    list_filter = (MarketFilter, StageFilter, ScoreFilter, ParishFilter, AssignedFilter, ListCountFilter, OnListFilter,
                   TagFilter, RollChangeFilter, OwnerChangedFilter, PutAwayFilter)  # fmt: skip
    list_filter_sheet = True
    search_fields = ("search__text",)
    search_help_text = "Owner, parcel number, situs, or a whole phone number"
    list_before_template = "admin/leads/lead/list_hint.html"
    actions = ("assign_to_me", "assign", "tag", "untag", "market", "archive", "reactivate", "delete", "restore")
    revertible = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        """Deleted ones too: the filter “put away” leaves them out until they are asked for."""
        return Lead.objects.with_list()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Lead], search_term: str
    ) -> tuple[QuerySet[Lead], bool]:
        return queryset.matching(search=search_term), False  # type: ignore[attr-defined]

    def position_of(self, row: Lead) -> Position:
        return [row.score, row.pk]

    @display(description="Owner")
    def owner_name(self, lead: Lead) -> str:
        return lead.owner.name

    @display(description="Score")
    def score_shown(self, lead: Lead) -> str:
        return "—" if lead.score is None else str(lead.score)

    @display(description="Stage", label=STAGE_COLOURS)
    def stage_label(self, lead: Lead) -> tuple[str, str]:
        return lead.stage, lead.get_stage_display()

    @display(description="Parish")
    def parish_name(self, lead: Lead) -> str:
        return lead.parcel.parish.name

    @display(description="Situs")
    def situs(self, lead: Lead) -> str:
        return lead.parcel.situs_address or f"parcel {lead.parcel.number}"

    @display(description="Acres")
    def acres_shown(self, lead: Lead) -> str:
        return "—" if lead.parcel.acres is None else f"{lead.parcel.acres:.2f}"

    @display(description="Next action")
    def next_action(self, lead: Lead) -> str:
        if lead.next_action_at is None:
            return ""
        day = f"{timezone.localtime(lead.next_action_at):%b %-d}"
        return f"{day}, overdue" if lead.next_action_at < timezone.now() else day

    @action(description="Assign to me", permissions=["work"])
    def assign_to_me(self, request: HttpRequest, queryset: QuerySet[Lead]) -> None:
        count = assign_leads(queryset, to=request.user, by=request.user)  # type: ignore[arg-type]
        messages.success(request, f"{count} leads are yours now.")

    @action(description=ASSIGN.action, permissions=["assign"])
    def assign(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse:
        return _do(ASSIGN, request, queryset)

    @action(description=TAG.action, permissions=["work"])
    def tag(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse:
        return _do(TAG, request, queryset)

    @action(description=UNTAG.action, permissions=["work"])
    def untag(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse:
        return _do(UNTAG, request, queryset)

    @action(description=MOVE.action, permissions=["transfer"])
    def market(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse:
        return _do(MOVE, request, queryset)

    @action(description=ARCHIVE.action, permissions=["archive"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse:
        return _do(ARCHIVE, request, queryset)

    @action(description=REACTIVATE.action, permissions=["archive"])
    def reactivate(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse:
        return _do(REACTIVATE, request, queryset)

    @action(description=DELETE.action, permissions=["remove"])
    def delete(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse:
        return _do(DELETE, request, queryset)

    @action(description=RESTORE.action, permissions=["remove"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse:
        return _do(RESTORE, request, queryset)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Those that fit what the list shows."""
        unfit = UNFIT.get(request.GET.get(PutAwayFilter.parameter_name, ""), {"restore"})
        return {name: found for name, found in super().get_actions(request).items() if name not in unfit}

    def get_list_display(self, request: HttpRequest) -> Any:
        deleted = request.GET.get(PutAwayFilter.parameter_name) == "deleted"
        return [*self.list_display, "deleted_on"] if deleted else self.list_display

    @display(description="Deleted")
    def deleted_on(self, lead: Lead) -> str:
        return f"{timezone.localtime(lead.deleted_at):%b %-d, %Y}" if lead.deleted_at else ""

    def has_assign_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(ASSIGN.permission)

    def has_transfer_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MOVE.permission)

    def has_archive_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(ARCHIVE.permission)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(DELETE.permission)

    def has_work_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("leads.work_lead")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leads come from lists."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        return lead_page.urls(self.admin_site) + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return lead_page.show(self, request, object_id)


def _do(deed: Deed, request: HttpRequest, leads: QuerySet[Lead]) -> HttpResponse:
    return do(deed, request, leads, back=request.get_full_path())  # type: ignore[arg-type]
