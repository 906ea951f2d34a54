from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone

from core.admin import KeysetAdmin, TabularInline, display
from leads.admin import transfers
from leads.models import ListedSale, ListImport, Ownership, Parcel, ParcelList


class OwnershipInline(TabularInline):
    model = Ownership
    fields = readonly_fields = ("owner", "share", "since_day", "until_day", "told_by", "ended_by")
    can_delete = False
    verbose_name_plural = "owners, present and former"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).for_history()

    @display(description="Since")
    def since_day(self, ownership: Ownership) -> str:
        return _day(ownership.since)

    @display(description="Until")
    def until_day(self, ownership: Ownership) -> str:
        return _day(ownership.until)

    @display(description="Source")
    def told_by(self, ownership: Ownership) -> str:
        return _told_by(ownership.source, ownership.opened_by_list)

    @display(description="Ended by")
    def ended_by(self, ownership: Ownership) -> str:
        if ownership.until is None:
            return ""
        return _told_by("", ownership.closed_by_list) or "a recorded transfer"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SaleInline(TabularInline):
    """What lists tell of its sales; a sale on two lists is two lines."""

    model = ListedSale
    fields = readonly_fields = ("sold_on", "price", "is_comparable", "buyer", "seller", "instrument", "list_import")
    can_delete = False
    verbose_name_plural = "sales on lists"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("list_import")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Parcel)
class ParcelAdmin(KeysetAdmin):
    list_display = ("number", "parish", "situs_address", "acres_shown", "land_value_shown", "adjudicated",
                    "years_delinquent")  # fmt: skip
    list_filter = ("adjudicated",)
    list_select_related = ("parish",)
    search_fields = ("number", "situs_address")
    search_help_text = "Parcel number or situs"
    inlines = (OwnershipInline, SaleInline)
    change_form_outer_before_template = "admin/leads/parcel/actions.html"
    readonly_fields = ("parish", "number", "lists_shown", "location_source", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": (("number", "parish"), "situs_address", ("situs_city", "situs_zip"), "lists_shown")}),
        (
            "Land",
            {"fields": (("acres", "zoning", "inside_city"), ("subdivision", "ward"), "legal_description")},
        ),
        (
            "Value and taxes",
            {
                "fields": (
                    ("land_value", "improvement_value"),
                    ("adjudicated", "years_delinquent"),
                    "last_sale_on",
                ),
                "description": "An empty figure is unknown; it is never taken for zero.",
            },
        ),
        ("Location", {"fields": (("latitude", "longitude"), "location_source")}),
        ("Record", {"fields": (("created_at", "updated_at"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("parish")

    def get_urls(self) -> list[URLPattern]:
        return [*transfers.parcel_urls(self.admin_site), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["may_transfer"] = request.user.has_perm(transfers.TRANSFER)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Parcel], search_term: str
    ) -> tuple[QuerySet[Parcel], bool]:
        return (queryset.found_by(search_term) if search_term else queryset), False  # type: ignore[attr-defined]

    @display(description="On these lists")
    def lists_shown(self, parcel: Parcel) -> str:
        lists = list(ParcelList.objects.of_parcel(parcel))
        if not lists:
            return "On no list yet."
        return f"On {len(lists)} list{'s' if len(lists) > 1 else ''}: {', '.join(map(str, lists))}"

    @display(description="Acres")
    def acres_shown(self, parcel: Parcel) -> str:
        return "—" if parcel.acres is None else f"{parcel.acres:.2f}"

    @display(description="Land value")
    def land_value_shown(self, parcel: Parcel) -> str:
        return "—" if parcel.land_value is None else f"${parcel.land_value:,.0f}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _day(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%b %-d, %Y}" if moment else ""


def _told_by(source: str, listed: ListImport | None) -> str:
    words = source.replace("_", " ")
    return f"{words} ({listed.filename})".strip() if listed else words
