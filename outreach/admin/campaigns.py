"""Campaigns: the list, the form of a draft, what one does while it runs. Its buttons are in `campaign_steps`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern

from core.admin import CheckboxSelectMultiple, RecordAdmin, TabularInline, display
from leads.stages import Stage
from markets.models import Parish
from outreach.admin import campaign_steps
from outreach.models import Campaign, CampaignStep, MessageTemplate

Status = Campaign.Status
STATUS_COLOURS = {Status.DRAFT: "", Status.RUNNING: "success", Status.PAUSED: "warning", Status.ENDED: ""}
AIMED_AT = (Stage.QUALIFIED, Stage.CONTACTED, Stage.ENGAGED, Stage.HOT, Stage.OFFER_MADE)
CHANGEABLE_WHILE_RUNNING = ("name", "daily_cap")


class CampaignForm(forms.ModelForm):
    stages = forms.MultipleChoiceField(
        choices=[(stage.value, stage.label) for stage in AIMED_AT],
        initial=[Stage.QUALIFIED.value],
        widget=CheckboxSelectMultiple,
        help_text="Leads in these stages. First texts go to qualified leads.",
    )

    class Meta:
        model = Campaign
        fields = ["name", "market", "parishes", "stages", "min_score", "max_owners", "daily_cap"]
        widgets = {"parishes": CheckboxSelectMultiple}
        help_texts = {
            "min_score": "Leads from this motivation score on. Empty: the market's contact score.",
            "max_owners": "Stop after so many owners, best score first. Empty: everybody in the audience.",
            "daily_cap": "Texts a day of this campaign; the market's and each number's caps hold besides.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parishes: Any = self.fields.get("parishes")
        if parishes is not None:
            parishes.queryset = Parish.objects.select_related("market").order_by("market__name", "name")
            parishes.label_from_instance = lambda parish: f"{parish.name} ({parish.market.code})"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        market = cleaned.get("market")
        foreign = [parish.name for parish in cleaned.get("parishes") or () if market and parish.market_id != market.pk]
        if foreign:
            self.add_error("parishes", f"Not in the market {market}: {', '.join(foreign)}.")
        return cleaned


class CampaignStepInline(TabularInline):
    model = CampaignStep
    fields = ("position", "template", "delay_days")
    verbose_name = "text"
    verbose_name_plural = "texts"
    tab = False
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[CampaignStep]:
        return super().get_queryset(request).select_related("template", "campaign")

    def get_extra(self, request: HttpRequest, obj: Campaign | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        kwargs["help_texts"] = {
            "position": "1 is the first text.",
            "delay_days": "Days after the text before; the first goes as soon as the rules allow.",
        }
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "template":
            kwargs["queryset"] = MessageTemplate.objects.for_texts()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return _is_open(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return _is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return _is_open(obj) and super().has_delete_permission(request, obj)


@admin.register(Campaign)
class CampaignAdmin(RecordAdmin):
    form = CampaignForm
    list_display = ("name", "status_label", "market", "audience", "sent_count", "waiting_count", "blocked_count",
                    "launched_at", "created_by")  # fmt: skip
    list_filter = ("status",)
    search_fields = ("name",)
    inlines = (CampaignStepInline,)
    change_form_outer_before_template = "admin/outreach/campaign/status.html"
    draft_fields = (
        (None, {"fields": ("name", "market")}),
        (
            "Audience",
            {
                "fields": ("stages", "parishes", ("min_score", "max_owners")),
                "description": "One text per owner, for the owner's best lead.",
            },
        ),
        ("Pace", {"fields": ("daily_cap",)}),
    )
    settled_fields = (
        (None, {"fields": ("name", "market")}),
        ("Audience", {"fields": ("stages_shown", "parishes_shown", ("min_score_shown", "max_owners_shown"))}),
        ("Pace", {"fields": ("daily_cap",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        return Campaign.objects.for_list().with_counts()

    def get_urls(self) -> list[URLPattern]:
        return campaign_steps.urls(self.admin_site) + super().get_urls()

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        return self.settled_fields if self._is_settled(request, obj) else self.draft_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> tuple[str, ...]:
        if not self._is_settled(request, obj):
            return ()
        shown = ("market", "stages_shown", "parishes_shown", "min_score_shown", "max_owners_shown")
        return (*shown, *(name for name in CampaignForm.Meta.fields if name not in CHANGEABLE_WHILE_RUNNING))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        """A dry run tells about the campaign as it was: a change asks for another. The status is never written here."""
        obj.dry_run = None
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
            obj.save()
            return
        columns = {field.name for field in Campaign._meta.concrete_fields}
        obj.save(update_fields=["dry_run", *(columns & set(form.cleaned_data))])

    def response_post_save_add(self, request: HttpRequest, obj: Campaign) -> HttpResponse:
        """To its page, where the dry run is."""
        return HttpResponseRedirect(obj.get_absolute_url())

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        campaign = context["original"]
        if campaign is not None:
            context |= {"subtitle": campaign.get_status_display(), **campaign_steps.status_of(request, campaign)}
        return super().render_change_form(request, context, *args, **kwargs)

    def _is_settled(self, request: HttpRequest, campaign: Campaign | None) -> bool:
        return campaign is not None and not (_is_open(campaign) and self.has_change_permission(request, campaign))

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def status_label(self, campaign: Campaign) -> tuple[str, str]:
        return campaign.status, campaign.get_status_display()

    @display(description="Audience")
    def audience(self, campaign: Campaign) -> str:
        most = f", at most {campaign.max_owners:,} owners" if campaign.max_owners else ""
        return f"{self.stages_shown(campaign)}, score {self.min_score_shown(campaign)}{most}"

    @display(description="Sent")
    def sent_count(self, campaign: Any) -> str:
        return f"{campaign.sent:,}"

    @display(description="Waiting")
    def waiting_count(self, campaign: Any) -> str:
        return f"{campaign.waiting:,}"

    @display(description="Blocked")
    def blocked_count(self, campaign: Any) -> str:
        return f"{campaign.blocked:,}"

    @display(description="Stages")
    def stages_shown(self, campaign: Campaign) -> str:
        return ", ".join(str(Stage(stage).label) for stage in campaign.stages)

    @display(description="Parishes")
    def parishes_shown(self, campaign: Campaign) -> str:
        return ", ".join(parish.name for parish in campaign.parishes.all()) or "all of the market"

    @display(description="Score")
    def min_score_shown(self, campaign: Campaign) -> str:
        own = campaign.min_score is not None
        return f"{campaign.min_score if own else campaign.market.contact_score} and more"

    @display(description="Most owners")
    def max_owners_shown(self, campaign: Campaign) -> str:
        return f"{campaign.max_owners:,}" if campaign.max_owners else "everybody"


def _is_open(campaign: Campaign | None) -> bool:
    return campaign is None or campaign.status == Status.DRAFT
