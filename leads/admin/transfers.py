"""Recording a parcel's new owner, and deciding about a lead whose parcel has changed hands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from core.admin import INPUT_CLASSES
from core.models import User
from core.results import Result
from leads.imports.transfer_sql import WAITING
from leads.models import Lead, Owner, Ownership, Parcel
from leads.owner_entry import OwnerEntry, known_or_new_owner
from leads.stages import Stage
from leads.transfers import Choice, decide_transfer, transfer_parcel
from markets.models import OnOwnerChange

TRANSFER = "leads.transfer_parcel"


class TransferForm(forms.Form):
    name = forms.CharField(label="New owner", max_length=300, help_text="As a tax roll spells it: SMITH JOHN A.")
    street = forms.CharField(label="Mailing address", required=False, max_length=300)
    city = forms.CharField(label="City", required=False, max_length=100)
    state = forms.CharField(required=False, max_length=2, help_text="Two letters, such as LA.")
    zip = forms.CharField(
        label="ZIP", required=False, max_length=10, help_text="An owner known by this name and address is taken."
    )
    how = forms.ChoiceField(label="How it changed hands", choices=Ownership.How.choices)
    on = forms.DateField(label="On", widget=forms.DateInput(attrs={"type": "date"}))
    price = forms.DecimalField(
        required=False, min_value=Decimal("0.01"), max_digits=14, decimal_places=2, help_text="US dollars, if known."
    )
    reason = forms.CharField(label="How we know", max_length=200, help_text="Who said so, or where it is recorded.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = INPUT_CLASSES

    @property
    def entry(self) -> OwnerEntry:
        return OwnerEntry(*(self.cleaned_data[name] for name in ("name", "street", "city", "state", "zip")))


def parcel_urls(site: admin.AdminSite) -> list[URLPattern]:
    return [path("<int:pk>/transfer/", site.admin_view(record), name="leads_parcel_transfer")]


def lead_urls(site: admin.AdminSite) -> list[URLPattern]:
    return [path("<int:pk>/owner/", site.admin_view(require_POST(decide)), name="leads_lead_owner")]


def record(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm(TRANSFER):
        raise PermissionDenied
    parcel = get_object_or_404(Parcel.objects.for_page(), pk=pk)
    form = TransferForm(request.POST or None)
    if not form.is_valid():
        return _page(request, parcel, form)
    result = _record(parcel, form, _person(request))
    if not result:
        form.add_error(None, result.message)
        return _page(request, parcel, form)
    messages.success(request, f"{result.value} owns the parcel now. {result.message}")
    return HttpResponseRedirect(reverse("admin:leads_parcel_change", args=[pk]))


def decide(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm("leads.work_lead"):
        raise PermissionDenied
    lead = get_object_or_404(Lead.objects.live(), pk=pk)
    choice, reason = request.POST.get("choice", ""), request.POST.get("reason", "").strip()
    result = decide_transfer(lead, choice, by=_person(request), reason=reason)
    if not result or result.value is None:
        messages.error(request, result.message)
        return HttpResponseRedirect(lead.get_absolute_url())
    messages.success(request, f"Decided: {Choice(choice).label.lower()}.")
    return HttpResponseRedirect(result.value.get_absolute_url())


def waiting_context(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    """For the page of a lead that waits for a decision."""
    if lead.owner_changed_at is None:
        return {}
    needed = "leads.contract_lead" if lead.stage == Stage.UNDER_CONTRACT else "leads.work_lead"
    present = [row.owner for row in Ownership.objects.current().of_parcel(lead.parcel)]
    return {
        "new_owner": next((owner for owner in present if owner.pk != lead.owner_id), None),
        "owner_choices": Choice.choices if request.user.has_perm(needed) else [],
    }


def _record(parcel: Parcel, form: TransferForm, by: User) -> Result[Owner]:
    """With the owner entered only if the transfer is recorded."""
    with transaction.atomic():
        owner, is_new = known_or_new_owner(form.entry, by=by)
        values = {name: form.cleaned_data[name] for name in ("on", "price", "how", "reason")}
        result = transfer_parcel(parcel, owner, by=by, **values)
        if not result:
            transaction.set_rollback(True)
            return result
    return Result(result.value, "", "" if is_new else "They were in the records already.")


def _page(request: HttpRequest, parcel: Parcel, form: TransferForm) -> HttpResponse:
    lead = Lead.objects.open_on(parcel.pk).select_related("market").first()
    context = {
        **admin.site.each_context(request),
        "opts": Parcel._meta,
        "title": f"New owner of {parcel.number}",
        "parcel": parcel,
        "holders": list(Ownership.objects.current().of_parcel(parcel)),
        "lead": lead,
        "fate": _fate(lead) if lead else "",
        "form": form,
    }
    return TemplateResponse(request, "admin/leads/parcel/transfer.html", context)


def _fate(lead: Lead) -> str:
    """In words, what the market's rule does with this lead."""
    waits = lead.stage in WAITING
    return str((OnOwnerChange.DECIDE if waits else OnOwnerChange(lead.market.on_owner_change)).label).lower()


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
