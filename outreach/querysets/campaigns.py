from __future__ import annotations

from django.db import models


class SenderNumberQuerySet(models.QuerySet):
    pass


class CampaignQuerySet(models.QuerySet):
    pass
