"""Wordings: the list, the form with its variants, and a preview for a real lead as the words are typed."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from core.admin import RecordAdmin, StackedInline, TextInputWidget, display
from core.models import User
from leads.languages import Language
from leads.models import Owner, OwnerPhone
from markets.models import Market
from outreach.admin import template_versions
from outreach.admin.template_performance import performance_context
from outreach.campaigns import pause_without_words
from outreach.dry_running import drop_dry_runs_with
from outreach.models import Campaign, MessageTemplate, SenderNumber, TemplateVariant
from outreach.previews import Wording, preview, wording_faults
from outreach.querysets.audience import lead_to_preview
from outreach.rendering import MOST_CHARACTERS, PLACEHOLDERS, Placeholder
from outreach.trials import LeadSample


def placeholder_help() -> SafeString:
    lines = ((f"{{{{{name}}}}}", declared.meaning, _example(declared)) for name, declared in PLACEHOLDERS.items())
    known = format_html_join("", "<li><code>{}</code> {}{}</li>", lines)
    example = "{{first_name|there}}"
    return format_html(
        "Filled for each owner; <code>{}</code> says “there” when the first name is not known. Whoever has neither a "
        "value nor a fallback is not sent the text."
        '<details><summary class="text-link">Placeholders</summary><ul class="campaign-placeholders">{}</ul></details>',
        example,
        known,
    )


def _example(declared: Placeholder) -> str:
    fallback = declared.fallbacks.get("en")
    return f", such as {declared.example}" + (f"; “{fallback}” when not known" if fallback else "")


class TemplateForm(forms.ModelForm):
    preview_for = forms.ModelChoiceField(
        label="Shown for",
        queryset=Owner.objects.all(),
        required=False,
        help_text="Search an owner by name. Empty: the best lead of the market.",
    )

    why = forms.CharField(
        label="Why",
        max_length=100,
        help_text="Kept with the version: what is changed, and what for.",
        widget=TextInputWidget,
    )

    class Meta:
        model = MessageTemplate
        fields = ["name", "purpose", "market", "language", "active", "learns", "goal", "least_texts"]
        help_texts = {
            "name": "Templates of one name and purpose belong together: an owner gets the one in their language and of "
            "their market, else the general one.",
            "learns": "On: each wording is sent as often as it is likely to be the best one. Off: by the weights.",
            "goal": "What makes a wording the better one. Each opt-out takes one off.",
            "purpose": "A first text must say who writes and how to stop; a follow-up must say who writes.",
            "active": "Off: campaigns that use it are paused and cannot be launched.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "why" in self.fields:
            self.fields["why"].required = self.instance.pk is not None

    def clean_purpose(self) -> str:
        """A campaign's text step would send what was checked as something else."""
        purpose: str = self.cleaned_data["purpose"]
        if self.instance.pk and "purpose" in self.changed_data:
            used_by = ", ".join(campaign.name for campaign in Campaign.objects.going_on().texting_with(self.instance))
            if used_by:
                raise ValidationError(f"Used by {used_by}: make another template for another purpose.")
        return purpose


class PreviewForm(forms.Form):
    """What the page's script sends: the words as they are being typed."""

    body = forms.CharField(max_length=20 * MOST_CHARACTERS, strip=False)
    purpose = forms.ChoiceField(choices=MessageTemplate.Purpose.choices)
    language = forms.ChoiceField(choices=Language.choices, required=False)
    market = forms.ModelChoiceField(queryset=Market.objects.all(), required=False)
    owner = forms.ModelChoiceField(queryset=Owner.objects.defer("email"), required=False)

    @property
    def wording(self) -> Wording:
        typed = self.cleaned_data
        return Wording(typed["body"], typed["purpose"], typed["language"] or "en")


class VariantForm(forms.ModelForm):
    class Meta:
        error_messages: ClassVar = {
            "body": {
                "required": "The text is empty: write what the owner shall read.",
                "max_length": "A text has at most %(limit_value)d characters; this one has %(show_value)d.",
            }
        }


class VariantFormSet(BaseInlineFormSet):
    """Each wording is checked for its purpose and tried on real leads: one that reaches none of them is refused, what
    keeps it from some is kept in `notes`."""

    def clean(self) -> None:
        super().clean()
        self.notes: list[str] = []
        template: MessageTemplate = self.instance
        written = [form for form in self.forms if self._is_written(form)] if template.purpose else []
        sample = LeadSample(template.market) if written else None
        for form in written:
            self._check(form, template, sample)

    def _check(self, form: forms.ModelForm, template: MessageTemplate, sample: LeadSample | None) -> None:
        wording = Wording(form.cleaned_data["body"], template.purpose, template.language)
        faults = list(wording_faults(wording, template.market))
        trial = sample.try_on(wording) if sample and not faults else None
        for fault in faults or (trial.faults if trial else ()):
            form.add_error("body", fault)
        name = form.cleaned_data.get("name", "")
        self.notes += [f"Wording {name}: {note}" for note in (trial.notes if trial else ())]

    def _is_written(self, form: forms.ModelForm) -> bool:
        body = getattr(form, "cleaned_data", {}).get("body")
        return bool(body) and not self._should_delete_form(form)  # type: ignore[attr-defined]


class VariantInline(StackedInline):
    model = TemplateVariant
    form = VariantForm
    formset = VariantFormSet
    fields = (("name", "weight", "active"), "body")
    verbose_name = "wording"
    verbose_name_plural = "wordings"
    tab = False
    can_delete = False  # taken out of use instead: texts that wait would leave in words nobody can see any more
    min_num = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[TemplateVariant]:
        return super().get_queryset(request).select_related("template")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        kwargs["help_texts"] = {
            "name": "A, B, … Owners are divided among the wordings.",
            "weight": "How often this one is used compared with the others.",
            "body": placeholder_help(),
        }
        return super().get_formset(request, obj, **kwargs)


@admin.register(MessageTemplate)
class MessageTemplateAdmin(RecordAdmin):
    form = TemplateForm
    list_display = ("name", "purpose", "market_name", "language", "wordings_in_use", "status_label", "updated_at")
    list_filter = ("purpose", "language", "active")
    search_fields = ("name",)
    inlines = (VariantInline,)
    revertible = False
    change_form_outer_before_template = "admin/outreach/messagetemplate/notices.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessageTemplate]:
        return MessageTemplate.objects.for_list()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.preview_view))
        mine = [path("preview/", view, name="outreach_messagetemplate_preview")]
        return [*mine, *template_versions.urls(self.admin_site), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: MessageTemplate | None = None) -> Any:
        words = (None, {"fields": ("name", ("purpose", "language"), "market", "active")})
        learning = ("Which wording is used", {"fields": ("learns", ("goal", "least_texts"))})
        shown = ("Preview", {"fields": ("preview_for",), "classes": ("template-preview",)})
        why = ("Version", {"fields": ("why",)})
        return (words, learning, shown, why) if self._may_write(request, obj) else (words, learning)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "preview_for" in form.base_fields:
            owner = OwnerPhone._meta.get_field("owner")
            form.base_fields["preview_for"].widget = AutocompleteSelect(owner, self.admin_site)
        return form

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Taken out of use instead: texts keep which wording they were made from."""
        return False

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        template = context["original"]
        running = Campaign.objects.running().texting_with(template) if template else ()
        context["running"] = [campaign.name for campaign in running]
        context["relatives"] = MessageTemplate.objects.relatives_of(template) if template else ()
        context |= performance_context(template)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The versions of the template and its wordings, in place of the package's list of saves."""
        template = get_object_or_404(MessageTemplate.objects.for_list(), pk=object_id)
        if not self.has_view_permission(request, template):
            raise PermissionDenied
        return template_versions.show(request, template)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """A fragment for the page's script. Writes nothing; POST because the words are in it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PreviewForm(request.POST)
        if not form.is_valid():
            return HttpResponse("", status=400)
        context = _shown(form.wording, form.cleaned_data["market"], form.cleaned_data["owner"])
        return TemplateResponse(request, "admin/outreach/messagetemplate/preview.html", context)

    def save_model(self, request: HttpRequest, obj: MessageTemplate, form: Any, change: bool) -> None:
        obj._change_reason = form.cleaned_data.get("why", "")  # type: ignore[attr-defined]  # read by simple-history
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for wording in formset.forms:
            wording.instance._change_reason = form.cleaned_data.get("why", "")
        super().save_formset(request, form, formset, change)
        for note in formset.notes:
            messages.warning(request, note)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        assert isinstance(request.user, User)
        for campaign in pause_without_words(form.instance, by=request.user):
            messages.warning(request, f"“{campaign}” is paused: no wording of this template is in use.")
        drop_dry_runs_with(form.instance)

    def _may_write(self, request: HttpRequest, template: MessageTemplate | None) -> bool:
        return self.has_change_permission(request, template) if template else self.has_add_permission(request)

    @display(description="Market", ordering="market__name")
    def market_name(self, template: MessageTemplate) -> str:
        return template.market.name if template.market else "every market"

    @display(description="Wordings in use")
    def wordings_in_use(self, template: Any) -> int:
        return int(template.wordings)

    @display(description="Status", ordering="active", label={"In use": "success", "No wording": "warning", "Off": ""})
    def status_label(self, template: Any) -> str:
        if not template.active:
            return "Off"
        return "In use" if template.wordings else "No wording"


def _shown(wording: Wording, market: Market | None, owner: Owner | None) -> dict[str, Any]:
    lead = lead_to_preview(market, owner)
    sender = next(iter(SenderNumber.objects.usable([lead.market_id])), None) if lead else None
    faults = list(wording_faults(wording, market))
    trial = None if faults else LeadSample(market).try_on(wording)
    return {
        "lead": lead,
        "owner": owner,
        "shown": preview(wording, lead, sender) if lead else None,
        "faults": faults or list(trial.faults if trial else ()),
        "notes": list(trial.notes if trial else ()),
        "tried": trial.leads if trial else 0,
        "is_letter": wording.purpose == MessageTemplate.Purpose.LETTER,
    }
