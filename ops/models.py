from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from leads.models import Lead, Owner, PhoneNumber
from ops.querysets import AlertQuerySet, PersonalDataAccessQuerySet


class AlertRepository(models.Manager.from_queryset(AlertQuerySet)):  # type: ignore[misc]
    pass


class Alert(models.Model):
    """Something a person should look at now; shown on the home page until somebody has."""

    class Level(models.TextChoices):
        INFO = "info", "For your information"
        WARNING = "warning", "Warning"
        CRITICAL = "critical", "Critical"

    level = models.CharField(max_length=8, choices=Level)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    detail = models.TextField(blank=True)
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.CASCADE)
    key = models.CharField(max_length=120, unique=True, help_text="One alert per subject and period.")
    created_at = models.DateTimeField()
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = AlertRepository()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index("created_at", condition=Q(seen_at__isnull=True), name="alert_unseen")]

    def __str__(self) -> str:
        return self.title


class PersonalDataAccess(models.Model):
    """Who saw which personal data in clear, when and why. Never changed, never shown to those it is about."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    what = models.CharField(max_length=40)
    phone = models.ForeignKey(PhoneNumber, null=True, blank=True, on_delete=models.SET_NULL)
    owner = models.ForeignKey(Owner, null=True, blank=True, on_delete=models.SET_NULL)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    objects = models.Manager.from_queryset(PersonalDataAccessQuerySet)()

    class Meta:
        ordering = ["-at"]
        verbose_name = "personal-data access"
        verbose_name_plural = "personal-data accesses"

    def __str__(self) -> str:
        return f"{self.user} saw {self.what}"
