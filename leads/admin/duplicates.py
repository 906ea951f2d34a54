"""The queue of possible duplicate owners, the page on which one pair is decided, and the merges with their undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.admin import MachineWrittenAdmin, MachineWrittenKeysetAdmin, display
from core.keyset import Position
from core.models import User
from core.waking import wake
from leads.admin.owner_sides import compare_sides
from leads.duplicates.decisions import mark_different, merge_pair, reopen_pair
from leads.duplicates.progress import search_state, tell
from leads.merging import undo_merge
from leads.models import DuplicatePair, OwnerMerge
from leads.querysets_duplicates import SCORE_PLACES
from leads.tasks import find_duplicates

MERGE = "leads.merge_owner"
State = DuplicatePair.State


class StateFilter(SimpleListFilter):
    """Shows what is to be decided unless told otherwise."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(State.DIFFERENT.value, State.DIFFERENT.label), (State.MERGED.value, State.MERGED.label)]

    def choices(self, changelist: Any) -> Any:
        for state, label in [(None, State.OPEN.label), *self.lookup_choices]:
            query = changelist.get_query_string({self.parameter_name: state} if state else {}, [self.parameter_name])
            yield {"selected": self.value() == state, "query_string": query, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.in_state(self.value() or State.OPEN)  # type: ignore[attr-defined]


@admin.register(DuplicatePair)
class DuplicatePairAdmin(MachineWrittenKeysetAdmin):
    list_display = ("first", "second", "likeness", "speaks_for", "speaks_against")
    list_filter = (StateFilter,)
    search_fields = ("first__name", "second__name")
    search_help_text = "Name of either owner"
    list_before_template = "admin/leads/duplicatepair/search.html"
    actions = ("merge_certain",)

    def position_of(self, row: DuplicatePair) -> Position:
        return [int(row.score.scaleb(SCORE_PLACES)), row.pk]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DuplicatePair], search_term: str
    ) -> tuple[QuerySet[DuplicatePair], bool]:
        return (queryset.found_by(search_term) if search_term else queryset), False  # type: ignore[attr-defined]

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MERGE)

    @admin.action(description="Merge the certain ones into the owner known longer", permissions=["merge"])
    def merge_certain(self, request: HttpRequest, pairs: QuerySet[DuplicatePair]) -> None:
        person = _person(request)
        chosen = list(pairs)
        merged = sum(bool(merge_pair(pair, by=person)) for pair in chosen if pair.evidence.get("certain"))
        left = len(chosen) - merged
        messages.success(request, f"{merged} merged; each can be undone under Merges.")
        if left:
            messages.warning(
                request, f"{left} left: only pairs of 100 % are merged here, the others are decided one by one."
            )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).for_list()

    @display(description="Likeness")
    def likeness(self, pair: DuplicatePair) -> str:
        return f"{pair.score:.0%}"

    @display(description="Speaks for it")
    def speaks_for(self, pair: DuplicatePair) -> str:
        return ", ".join(pair.evidence.get("for", []))

    @display(description="Speaks against it")
    def speaks_against(self, pair: DuplicatePair) -> str:
        return ", ".join(pair.evidence.get("against", [])) or "—"

    def get_urls(self) -> list[URLPattern]:
        post = {"merge": self.merge_view, "different": self.different_view, "reopen": self.reopen_view}
        return [
            path("search/", self._post_view(self.search_view), name="leads_duplicatepair_search"),
            *(
                path(f"<int:pk>/{name}/", self._post_view(view), name=f"leads_duplicatepair_{name}")
                for name, view in post.items()
            ),
            *super().get_urls(),
        ]

    def _post_view(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return self.admin_site.admin_view(require_POST(view))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"search": search_state(), "may_merge": request.user.has_perm(MERGE)}
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        pair = get_object_or_404(DuplicatePair.objects.for_list(), pk=object_id)
        if not self.has_view_permission(request, pair):
            raise PermissionDenied
        is_open = pair.state == State.OPEN and pair.unmerged
        context = {
            "pair": pair,
            "is_open": is_open,
            "lines": compare_sides(pair.first, pair.second),
            "next": DuplicatePair.objects.after(pair),
            "waiting": DuplicatePair.objects.queue().count(),
            "may_merge": request.user.has_perm(MERGE),
        }
        return self._page(request, "pair", "One owner or two?", **context)

    def search_view(self, request: HttpRequest) -> HttpResponse:
        _person(request)
        if search_state().running:
            messages.warning(request, "A search is under way already.")
        else:
            tell("waiting for a worker", 0, 1)
            wake(find_duplicates)
            messages.success(request, "The search has been started; new pairs appear here when it is done.")
        return HttpResponseRedirect(reverse("admin:leads_duplicatepair_changelist"))

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        person, pair = _person(request), get_object_or_404(DuplicatePair.objects.for_list(), pk=pk)
        result = merge_pair(pair, by=person, into_second=request.POST.get("into") == "second")
        if result.value is None:
            return _declined(request, pair, result.message)
        names = f"“{result.value.absorbed}” is now part of “{result.value.kept}”"
        messages.success(request, f"{names}. The merge can be undone under Merges.")
        return _to_next(pair)

    def different_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        person, pair = _person(request), get_object_or_404(DuplicatePair.objects.for_list(), pk=pk)
        result = mark_different(pair, by=person)
        if not result:
            return _declined(request, pair, result.message)
        messages.success(request, f"“{pair.first}” and “{pair.second}” stay two; the search does not ask again.")
        return _to_next(pair)

    def reopen_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        person, pair = _person(request), get_object_or_404(DuplicatePair.objects.for_list(), pk=pk)
        result = reopen_pair(pair, by=person)
        if not result:
            return _declined(request, pair, result.message)
        messages.success(request, "The pair is back in the queue.")
        return HttpResponseRedirect(pair.get_absolute_url())

    def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.model._meta, "title": title}
        return TemplateResponse(request, f"admin/leads/duplicatepair/{name}.html", shared | context)


@admin.register(OwnerMerge)
class OwnerMergeAdmin(MachineWrittenAdmin):
    list_display = ("kept", "absorbed", "moved_label", "when", "who", "state_label")
    search_fields = ("kept__name", "absorbed__name")
    search_help_text = "Name of either owner"
    list_before_template = "admin/leads/duplicatepair/merges.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).for_list()

    @display(description="Moved")
    def moved_label(self, merge: OwnerMerge) -> str:
        return counted(merge.moved) or "nothing"

    @display(description="When", ordering="merged_at")
    def when(self, merge: OwnerMerge) -> str:
        return f"{timezone.localtime(merge.merged_at):%b %-d, %Y %H:%M}"

    @display(description="By")
    def who(self, merge: OwnerMerge) -> str:
        return str(merge.merged_by or "certain, unasked")

    @display(description="State", label={"In force": "success", "Undone": "warning"})
    def state_label(self, merge: OwnerMerge) -> str:
        return "Undone" if merge.undone_at else "In force"

    def get_urls(self) -> list[URLPattern]:
        undo = self.admin_site.admin_view(require_POST(self.undo_view))
        return [path("<int:pk>/undo/", undo, name="leads_ownermerge_undo"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        merge = get_object_or_404(OwnerMerge.objects.for_list(), pk=object_id)
        if not self.has_view_permission(request, merge):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request), "opts": self.model._meta, "title": "Merge of two owners",
            "merge": merge, "moved": counted(merge.moved), "stayed": counted(merge.stayed),
            "left": counted(merge.left), "may_undo": not merge.undone_at and request.user.has_perm(MERGE),
        }  # fmt: skip
        return TemplateResponse(request, "admin/leads/duplicatepair/merge.html", context)

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        person, merge = _person(request), get_object_or_404(OwnerMerge.objects.for_list(), pk=pk)
        result = undo_merge(merge, by=person)
        if result.value is None:
            messages.error(request, result.message)
        elif result.value.left:
            left = counted(result.value.left)
            messages.warning(request, f"Undone. Not put back, because it has changed hands since: {left}.")
        else:
            messages.success(request, f"Undone: “{merge.absorbed}” has everything back.")
        return HttpResponseRedirect(reverse("admin:leads_ownermerge_change", args=[pk]))


def counted(ids: dict[str, list[Any]]) -> str:
    """“2 leads, 1 message” of what a merge noted."""
    counts: dict[str, int] = {}
    for label, rows in ids.items():
        options = apps.get_model(label.rpartition(".")[0])._meta
        name = str(options.verbose_name if len(rows) == 1 else options.verbose_name_plural)
        counts[name] = counts.get(name, 0) + len(rows)
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _person(request: HttpRequest) -> User:
    if not request.user.has_perm(MERGE):
        raise PermissionDenied
    assert isinstance(request.user, User)
    return request.user


def _declined(request: HttpRequest, pair: DuplicatePair, words: str) -> HttpResponse:
    messages.error(request, words)
    return HttpResponseRedirect(pair.get_absolute_url())


def _to_next(pair: DuplicatePair) -> HttpResponse:
    following = DuplicatePair.objects.after(pair)
    return HttpResponseRedirect(
        following.get_absolute_url() if following else reverse("admin:leads_duplicatepair_changelist")
    )
