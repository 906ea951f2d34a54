"""Numbers and owners that are never texted. Adding is anybody's right, lifting takes a manager and a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from core.admin import INPUT_CLASSES, MachineWrittenAdmin, display
from core.models import User
from core.phones import to_e164
from leads.models import OwnerPhone, PhoneNumber
from outreach.models import Suppression
from outreach.opt_outs import opt_out
from outreach.suppressions import lift_suppression, suppress_number

Reason = Suppression.Reason
BY_HAND = (Reason.OPT_OUT, Reason.WRONG_NUMBER, Reason.DECEASED, Reason.STATE_DNC, Reason.LITIGATOR, Reason.MANUAL)


class StatusFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("active", "In force"), ("lifted", "Lifted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> QuerySet[Suppression]:
        choose = {"active": queryset.active, "lifted": queryset.lifted}.get(self.value() or "")  # type: ignore[attr-defined]
        return choose() if choose else queryset


class SuppressForm(forms.Form):
    number = forms.CharField(label="Phone number", help_text="The whole number; it is kept as a keyed hash.")
    reason = forms.ChoiceField(choices=[(reason.value, reason.label) for reason in BY_HAND])
    evidence = forms.CharField(label="What it rests on", max_length=300, help_text="Their words, or who told us.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = INPUT_CLASSES

    def clean_number(self) -> str:
        number = to_e164(self.cleaned_data["number"])
        if number is None:
            raise forms.ValidationError("This is not a telephone number.")
        return number


@admin.register(Suppression)
class SuppressionAdmin(MachineWrittenAdmin):
    list_display = ("whom", "reason", "evidence", "status_label", "created_by", "created_at")
    list_filter = (StatusFilter, "reason")
    search_fields = ("owner__name", "evidence")
    search_help_text = "A whole phone number, an owner, or the words"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suppression]:
        return Suppression.objects.for_list()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        number = to_e164(search_term) if search_term else None
        if number:
            return queryset.with_number(number), False  # type: ignore[attr-defined]
        return super().get_search_results(request, queryset, search_term)

    @display(description="Whom")
    def whom(self, suppression: Any) -> str:
        if suppression.owner:
            return f"{suppression.owner.name}, every number"
        return f"a number in area {suppression.area_code}" if suppression.area_code else "a number we do not have"

    @display(description="Status", label={"In force": "danger", "Lifted": ""})
    def status_label(self, suppression: Suppression) -> str:
        return "Lifted" if suppression.lifted_at else "In force"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("outreach.change_message")

    def get_urls(self) -> list[URLPattern]:
        lift = self.admin_site.admin_view(require_POST(self.lift_view))
        return [path("<int:pk>/lift/", lift, name="outreach_suppression_lift"), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SuppressForm(request.POST or None)
        if form.is_valid():
            self._suppress(request, **form.cleaned_data)
            return HttpResponseRedirect(reverse("admin:outreach_suppression_changelist"))
        return self._page(request, "add", "Never text a number again", form=form)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        suppression = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_view_permission(request, suppression):
            raise PermissionDenied
        may_lift = suppression.lifted_at is None and request.user.has_perm("outreach.lift_suppression")
        title = suppression.get_reason_display()
        facts = {"whom": self.whom(suppression), "may_lift": may_lift, "numbers": _numbers(suppression)}
        return self._page(request, "page", title, suppression=suppression, **facts)

    def lift_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("outreach.lift_suppression"):
            raise PermissionDenied
        suppression = get_object_or_404(Suppression, pk=pk)
        result = lift_suppression(suppression, by=_person(request), reason=request.POST.get("reason", ""))
        if result:
            messages.success(request, "Lifted. A text still needs a new consent.")
        else:
            messages.error(request, result.message)
        return HttpResponseRedirect(reverse("admin:outreach_suppression_change", args=[pk]))

    def _suppress(self, request: HttpRequest, number: str, reason: str, evidence: str) -> None:
        phone, by = PhoneNumber.objects.known(number), _person(request)
        if reason == Reason.OPT_OUT:
            opt_out(phone, evidence=evidence, by=by)
        else:
            suppress_number(phone, reason, evidence=evidence, by=by)
        messages.success(request, f"{phone} is never texted again.")

    def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> TemplateResponse:
        shared = self.admin_site.each_context(request) | {"opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/outreach/suppression/{name}.html", shared | context)


def _numbers(suppression: Suppression) -> list[PhoneNumber]:
    """Those it is about, as far as we have their records."""
    if suppression.owner is not None:
        return [link.phone for link in OwnerPhone.objects.with_state(suppression.owner)]
    phone = PhoneNumber.objects.by_hash(suppression.number_hash)
    return [phone] if phone else []


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
