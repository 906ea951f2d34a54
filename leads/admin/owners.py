from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from core.admin import KeysetAdmin, TabularInline, display
from leads.admin import numbers
from leads.admin.badges import KIND_COLOURS
from leads.models import Lead, Owner, OwnerPhone
from leads.owner_names import mailing_key, name_key, people_of, read_name_of


class OwnerPhoneInline(TabularInline):
    """Which number is tried first. What happened to them, and the buttons, are below the form (`numbers.html`);
    numbers are seen in clear on the lead's page only, where each look is logged."""

    model = OwnerPhone
    fields = ("phone", "rank", "line", "source", "since", "until", "do_not_call")
    readonly_fields = ("phone", "line", "source", "since", "until")
    ordering = ("until", "rank", "id")
    verbose_name_plural = "phones"
    tab = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("phone", "owner").defer("owner__email")

    @display(description="Line")
    def line(self, link: OwnerPhone) -> str:
        return " · ".join(filter(None, (link.phone.get_line_type_display(), link.phone.carrier)))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A number that no longer reaches the owner gets an end date."""
        return False


@admin.register(Owner)
class OwnerAdmin(KeysetAdmin):
    list_display = ("name", "kind_label", "mailing_city", "mailing_state", "mailing_zip", "updated_at")
    list_filter = ("kind",)
    search_fields = ("name",)
    search_help_text = "Words of the name as the roll spells it"
    inlines = (OwnerPhoneInline,)
    change_form_outer_before_template = "admin/leads/owner/leads.html"
    change_form_outer_after_template = "admin/leads/owner/phones.html"
    readonly_fields = ("people_named", "care_of", "et_al", "email_known", "merged_into", "created_at", "updated_at")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    ("kind", "language"),
                    "people_named",
                    ("care_of", "et_al"),
                    "email_known",
                    "merged_into",
                )
            },
        ),
        (
            "Mailing address",
            {
                "fields": ("mailing_street", ("mailing_city", "mailing_state", "mailing_zip")),
                "description": "Where the owner gets mail. It is never taken for the place of the land.",
            },
        ),
        ("Record", {"fields": (("created_at", "updated_at"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("email") if _is_list(request) else super().get_queryset(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Owner], search_term: str
    ) -> tuple[QuerySet[Owner], bool]:
        return (queryset.named(search_term) if search_term else queryset), False  # type: ignore[attr-defined]

    @display(description="Kind", label=KIND_COLOURS)
    def kind_label(self, owner: Owner) -> tuple[str, str]:
        return owner.kind, owner.get_kind_display()

    @display(description="People")
    def people_named(self, owner: Owner) -> str:
        return ", ".join(map(str, people_of(owner))) or "nobody by name"

    @display(description="E-mail")
    def email_known(self, owner: Owner) -> str:
        return "known" if owner.email else "unknown"

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        owner = context["original"]
        context |= {"owner": owner, "numbers": numbers.number_lines(request, owner)}
        context["leads"] = list(Lead.objects.of_owner(owner)[:20])
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Owner, form: Any, change: bool) -> None:
        obj.name_key, obj.mailing_state = name_key(obj.name), obj.mailing_state.strip().upper()
        read_name_of(obj)
        obj.mailing_key = mailing_key(obj.mailing_street, obj.mailing_city, obj.mailing_state, obj.mailing_zip)
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        return [*numbers.urls(self.admin_site), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _is_list(request: HttpRequest) -> bool:
    return bool(request.resolver_match and request.resolver_match.url_name == "leads_owner_changelist")
