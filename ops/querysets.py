from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from leads.models import Lead, PhoneNumber
    from ops.models import Alert, PersonalDataAccess


class AlertQuerySet(models.QuerySet["Alert"]):
    def unseen(self) -> AlertQuerySet:
        return self.filter(seen_at__isnull=True).select_related("lead")

    def seen(self) -> AlertQuerySet:
        return self.filter(seen_at__isnull=False)

    def raised_since(self, kind: str, lead: Lead, moment: datetime) -> bool:
        return self.filter(kind=kind, lead=lead, created_at__gt=moment).exists()


class PersonalDataAccessQuerySet(models.QuerySet["PersonalDataAccess"]):
    def about_number(self, phone: PhoneNumber) -> PersonalDataAccessQuerySet:
        """Who saw this number in clear or exported what we know of it, the first first."""
        return self.filter(phone=phone).select_related("user").order_by("at", "pk")
