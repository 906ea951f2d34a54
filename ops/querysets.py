from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from leads.models import Lead
    from ops.models import Alert


class AlertQuerySet(models.QuerySet["Alert"]):
    def unseen(self) -> AlertQuerySet:
        return self.filter(seen_at__isnull=True).select_related("lead")

    def seen(self) -> AlertQuerySet:
        return self.filter(seen_at__isnull=False)

    def raised_since(self, kind: str, lead: Lead, moment: datetime) -> bool:
        return self.filter(kind=kind, lead=lead, created_at__gt=moment).exists()
