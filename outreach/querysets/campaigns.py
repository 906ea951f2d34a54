from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from outreach.models import Campaign, CampaignStep, MessageTemplate, SenderNumber


class SenderNumberQuerySet(models.QuerySet["SenderNumber"]):
    def by_number(self, e164: str) -> SenderNumber | None:
        return self.filter(number=e164).first()

    def usable(self, market_ids: Iterable[int]) -> SenderNumberQuerySet:
        """Active numbers of these markets, then those of no market in particular."""
        wanted = models.Q(market_id__in=list(market_ids)) | models.Q(market__isnull=True)
        return self.filter(wanted, active=True).order_by(models.F("market").asc(nulls_last=True), "id")


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def running(self) -> CampaignQuerySet:
        return self.filter(status="running")

    def texting_with(self, template: MessageTemplate) -> CampaignQuerySet:
        return self.filter(steps__template=template).distinct()

    def for_list(self) -> CampaignQuerySet:
        return self.select_related("market", "created_by")


class CampaignStepQuerySet(models.QuerySet["CampaignStep"]):
    def of(self, campaign: Campaign) -> list[CampaignStep]:
        steps = self.filter(campaign=campaign).order_by("position")
        return list(steps.select_related("template", "campaign").prefetch_related("template__variants"))

    def after(self, step: CampaignStep) -> CampaignStep | None:
        later = self.filter(campaign_id=step.campaign_id, position__gt=step.position).order_by("position")
        return later.select_related("template", "campaign").prefetch_related("template__variants").first()
