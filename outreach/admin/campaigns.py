"""Campaigns: the list, the form of a draft, what one does while it runs. Its buttons are in `campaign_steps`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern

from core.admin import RecordAdmin, display
from leads.stages import Stage
from outreach.admin import campaign_steps
from outreach.admin.campaign_form import CampaignForm, CampaignStepInline
from outreach.audience import audience_in_words
from outreach.dry_running import drop_dry_run
from outreach.models import Campaign

Status = Campaign.Status
STATUS_COLOURS = {Status.DRAFT: "", Status.RUNNING: "success", Status.PAUSED: "warning", Status.ENDED: ""}


@admin.register(Campaign)
class CampaignAdmin(RecordAdmin):
    form = CampaignForm
    list_display = ("name", "status_label", "market", "audience", "sent_count", "waiting_count", "blocked_count",
                    "launched_at", "created_by")  # fmt: skip
    list_filter = ("status",)
    search_fields = ("name",)
    inlines = (CampaignStepInline,)
    change_form_outer_before_template = "admin/outreach/campaign/status.html"
    audience_fields = ("stages", "parishes", ("min_score", "max_owners"), "lists", "tags", "consent", "takes_new_leads")
    draft_fields = (
        (None, {"fields": ("name", "market")}),
        (
            "Audience",
            {"fields": audience_fields, "description": "One conversation per owner, about the owner's best lead."},
        ),
        ("Pace", {"fields": ("daily_cap",)}),
    )
    running_fields = (
        (None, {"fields": ("name", "market")}),
        (
            "Audience",
            {
                "fields": audience_fields,
                "description": "Changes hold for owners who are not in it yet. They are taken in when you press “Take "
                "in who matches now”, or by themselves where the campaign takes in new leads.",
            },
        ),
        ("Pace", {"fields": ("daily_cap",), "description": "Holds from the next text on."}),
    )
    settled_fields = (
        (None, {"fields": ("name", "market")}),
        ("Audience", {"fields": ("audience_shown", "max_owners_shown", "takes_new_leads")}),
        ("Pace", {"fields": ("daily_cap",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        return Campaign.objects.for_list().with_counts()

    def get_urls(self) -> list[URLPattern]:
        return campaign_steps.urls(self.admin_site) + super().get_urls()

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        if self._is_settled(request, obj):
            return self.settled_fields
        return self.draft_fields if obj is None or obj.status == Status.DRAFT else self.running_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> tuple[str, ...]:
        if self._is_settled(request, obj):
            return ("market", "audience_shown", "max_owners_shown", *CampaignForm.Meta.fields)
        return () if obj is None or obj.status == Status.DRAFT else ("market",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        """A dry run tells about the campaign as it was: a change asks for another. The status is never written here."""
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
            obj.save()
            return
        drop_dry_run(obj)
        columns = {field.name for field in Campaign._meta.concrete_fields}
        obj.save(update_fields=["dry_run", *(columns & set(form.cleaned_data))])
        if obj.status == Status.RUNNING and {"takes_new_leads"} & set(form.changed_data) and obj.takes_new_leads:
            campaign_steps.look_for_owners(request, obj)

    def response_post_save_add(self, request: HttpRequest, obj: Campaign) -> HttpResponse:
        """To its page, where the dry run is."""
        return HttpResponseRedirect(obj.get_absolute_url())

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        campaign = context["original"]
        if campaign is not None:
            context |= {"subtitle": campaign.get_status_display(), **campaign_steps.status_of(request, campaign)}
        return super().render_change_form(request, context, *args, **kwargs)

    def _is_settled(self, request: HttpRequest, campaign: Campaign | None) -> bool:
        if campaign is None:
            return False
        return campaign.status == Status.ENDED or not self.has_change_permission(request, campaign)

    @display(description="Status", ordering="status", label=STATUS_COLOURS)
    def status_label(self, campaign: Campaign) -> tuple[str, str]:
        return campaign.status, campaign.get_status_display()

    @display(description="Audience")
    def audience(self, campaign: Campaign) -> str:
        most = f", at most {campaign.max_owners:,} owners" if campaign.max_owners else ""
        floor = campaign.market.contact_score if campaign.min_score is None else campaign.min_score
        return f"{', '.join(str(Stage(stage).label) for stage in campaign.stages)}, score {floor} and more{most}"

    @display(description="Sent")
    def sent_count(self, campaign: Any) -> str:
        return f"{campaign.sent:,}"

    @display(description="Waiting")
    def waiting_count(self, campaign: Any) -> str:
        return f"{campaign.waiting:,}"

    @display(description="Blocked")
    def blocked_count(self, campaign: Any) -> str:
        return f"{campaign.blocked:,}"

    @display(description="Audience")
    def audience_shown(self, campaign: Campaign) -> str:
        return audience_in_words(campaign)

    @display(description="Most owners")
    def max_owners_shown(self, campaign: Campaign) -> str:
        return f"{campaign.max_owners:,}" if campaign.max_owners else "everybody"
