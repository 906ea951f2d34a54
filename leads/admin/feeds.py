"""List feeds: folders and https addresses that are looked at by the clock; off until somebody switches one on."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.admin import INPUT_CLASSES, RecordAdmin, TabularInline, display
from leads.feeds.checking import ask_for_check
from leads.feeds.folder import check_folder
from leads.feeds.found import FeedError
from leads.feeds.https import check_url
from leads.models import ListFeed, ListFeedCheck, ListImport

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class ListFeedForm(forms.ModelForm):
    """The key is written and never shown again; an empty field leaves it as it is."""

    new_key = forms.CharField(
        label="New key",
        required=False,
        strip=True,
        max_length=2000,
        widget=forms.PasswordInput(attrs={"class": INPUT_CLASSES, "autocomplete": "new-password"}),
        help_text="The whole value of the header, such as “Bearer …”. Kept encrypted and never shown again; empty "
        "leaves the present one.",
    )
    forget_key = forms.BooleanField(label="Forget the key", required=False)

    class Meta:
        model = ListFeed
        fields = ("name", "market", "parish", "source", "kind", "address", "header_name", "every_minutes", "active")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._check_place(cleaned)
        self._check_key(cleaned)
        try:
            self._check_address(cleaned.get("kind"), cleaned.get("address") or "")
        except FeedError as error:
            said = str(error)
            self.add_error("address", f"{said[0].upper()}{said[1:]}.")
        return cleaned

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data.get("new_key"):
            self.instance.header_value = self.cleaned_data["new_key"]
        elif self.cleaned_data.get("forget_key"):
            self.instance.header_value = None
        if {"address", "kind", "source", "parish"} & set(self.changed_data):
            self.instance.etag = self.instance.last_modified = ""
            self.instance.seen, self.instance.next_check_at = {}, None
        return super().save(commit)

    def _check_place(self, cleaned: dict[str, Any]) -> None:
        parish, market, source = cleaned.get("parish"), cleaned.get("market"), cleaned.get("source")
        if source in ListImport.OF_NUMBERS:
            cleaned["parish"] = None
        elif source and not parish:
            self.add_error("parish", "A list of land is of one parish: choose it.")
        elif parish and market and parish.market_id != market.pk:
            self.add_error("parish", f"{parish} is not in {market}.")

    def _check_key(self, cleaned: dict[str, Any]) -> None:
        name = cleaned.get("header_name") or ""
        if name and not _HEADER.fullmatch(name):
            self.add_error("header_name", "This is no name of a header.")
        key = cleaned.get("new_key") or ""
        if key and not name:
            self.add_error("header_name", "Say in which header the key goes, such as Authorization.")
        if not key.isascii() or not key.isprintable():
            self.add_error("new_key", "A key is of plain letters, digits and signs.")

    def _check_address(self, kind: str | None, address: str) -> None:
        if kind == ListFeed.Kind.FOLDER:
            check_folder(address)
        elif kind:
            check_url(address)


class CheckInline(TabularInline):
    """The newest looks."""

    model = ListFeedCheck
    fields = readonly_fields = ("found", "detail", "list_import", "seen_at")
    can_delete = False
    verbose_name_plural = "what was found"
    hide_title = True
    ordering = ("-id",)
    per_page = 20

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).for_list()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="Found")
    def found(self, check: ListFeedCheck) -> str:
        return check.get_outcome_display()

    @display(description="When")
    def seen_at(self, check: ListFeedCheck) -> str:
        last = f"{timezone.localtime(check.last_at):%b %-d, %H:%M}"
        if check.times == 1:
            return last
        return f"{check.times:,} times since {timezone.localtime(check.first_at):%b %-d, %H:%M}, last {last}"


@admin.register(ListFeed)
class ListFeedAdmin(RecordAdmin):
    form = ListFeedForm
    list_display = ("name", "source", "place", "every", "on_label", "state_label", "last_result", "last_looked")
    list_filter = ("active", "state", "source")
    search_fields = ("name", "address")
    inlines = (CheckInline,)
    revertible = False
    change_form_outer_before_template = "admin/leads/listfeed/status.html"
    fieldsets = (
        (None, {"fields": ("name", ("market", "parish"), "source")}),
        (
            "Where it comes from",
            {
                "fields": ("kind", "address"),
                "description": "Files of a folder stay where they are. Lists whose columns nobody has explained yet "
                "wait for a person; the others are imported at once, each once.",
            },
        ),
        ("Key, if the address wants one", {"fields": ("header_name", "key_shown", "new_key", "forget_key")}),
        ("When", {"fields": (("every_minutes", "active"),)}),
    )
    readonly_fields = ("key_shown",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListFeed]:
        feeds: QuerySet[ListFeed] = ListFeed.objects.for_list()
        return feeds

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.inlines if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only looks is not shown the fields of the key."""
        allowed = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return self.fieldsets if allowed else [each for each in self.fieldsets if "new_key" not in each[1]["fields"]]

    def get_urls(self) -> list[URLPattern]:
        check = self.admin_site.admin_view(require_POST(self.check_view))
        return [path("<int:pk>/check/", check, name="leads_listfeed_check"), *super().get_urls()]

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        feed = get_object_or_404(ListFeed, pk=pk)
        if not self.has_change_permission(request, feed):
            raise PermissionDenied
        result = ask_for_check(feed, by=request.user)  # type: ignore[arg-type]
        if result:
            messages.success(request, "A worker looks now. What it finds is listed below in a moment.")
        else:
            messages.error(request, result.message)
        return HttpResponseRedirect(reverse("admin:leads_listfeed_change", args=[pk]))

    @display(description="Present key")
    def key_shown(self, feed: ListFeed) -> str:
        return "One is kept." if feed.header_value else "None."

    @display(description="Parish", ordering="parish__name")
    def place(self, feed: ListFeed) -> str:
        return feed.parish.name if feed.parish else f"{feed.market}, all"

    @display(description="Every", ordering="every_minutes")
    def every(self, feed: ListFeed) -> str:
        return feed.get_every_minutes_display()

    @display(description="Clock", ordering="active", label={"On": "success", "Off": ""})
    def on_label(self, feed: ListFeed) -> str:
        return "On" if feed.active else "Off"

    @display(
        description="State",
        ordering="state",
        label={"Fine": "success", "Failed": "danger", "Waits for a person": "warning", "Never checked": ""},
    )
    def state_label(self, feed: ListFeed) -> str:
        return feed.get_state_display()

    @display(description="Last looked", ordering="last_checked_at", empty_value="never")
    def last_looked(self, feed: ListFeed) -> str | None:
        return f"{timezone.localtime(feed.last_checked_at):%b %-d, %H:%M}" if feed.last_checked_at else None
