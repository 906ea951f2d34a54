from __future__ import annotations

from django.db import models


class AlertQuerySet(models.QuerySet):
    def unseen(self) -> AlertQuerySet:
        return self.filter(seen_at__isnull=True).select_related("lead")
