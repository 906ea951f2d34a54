from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from leads.languages import Language
from markets.models import Market
from outreach.learning import Goal
from outreach.querysets import MessageTemplateQuerySet, TemplateVariantQuerySet
from outreach.rendering import syntax_faults


def validate_placeholders(body: str) -> None:
    faults = list(syntax_faults(body))
    if faults:
        raise ValidationError(faults)


class MessageTemplateRepository(models.Manager.from_queryset(MessageTemplateQuerySet)):  # type: ignore[misc]
    pass


class MessageTemplate(models.Model):
    """Wording for one purpose, of one market or general; the words themselves are its variants."""

    class Purpose(models.TextChoices):
        FIRST_TEXT = "first_text", "First text"
        FOLLOW_UP = "follow_up", "Follow-up text"
        REPLY = "reply", "Answer to a reply"
        OPT_OUT_CONFIRMATION = "opt_out", "Opt-out confirmation"
        LETTER = "letter", "Letter"

    market = models.ForeignKey(
        Market, null=True, blank=True, on_delete=models.PROTECT, help_text="Empty: for every market without its own."
    )
    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=10, choices=Purpose)
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    active = models.BooleanField(default=True)
    learns = models.BooleanField("let the better wording win", default=False)
    goal = models.CharField(
        max_length=10,
        choices=[
            (Goal.INTERESTED.value, "Interested or wants an offer, less opt-outs"),
            (Goal.REPLIED.value, "Replied, less opt-outs"),
        ],
        default=Goal.INTERESTED.value,
    )
    least_texts = models.PositiveSmallIntegerField(
        "texts before judging",
        default=100,
        validators=[MinValueValidator(20), MaxValueValidator(5000)],
        help_text="Until it was sent so often a wording keeps at least half of an even share.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords()
    objects = MessageTemplateRepository()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["market", "name", "language"], nulls_distinct=False, name="template_name_unique_in_market"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("admin:outreach_messagetemplate_change", args=[self.pk])


class TemplateVariantRepository(models.Manager.from_queryset(TemplateVariantQuerySet)):  # type: ignore[misc]
    pass


class TemplateVariant(models.Model):
    """One wording of a template; weights decide how often each is used."""

    template = models.ForeignKey(MessageTemplate, on_delete=models.CASCADE, related_name="variants")
    name = models.CharField(max_length=40, default="A")
    body = models.TextField(max_length=1600, validators=[validate_placeholders])
    weight = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    active = models.BooleanField(default=True)

    history = HistoricalRecords()
    objects = TemplateVariantRepository()

    class Meta:
        ordering = ["template", "name"]
        constraints = [
            models.UniqueConstraint(fields=["template", "name"], name="variant_name_unique"),
            models.CheckConstraint(condition=~Q(body=""), name="variant_has_text"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.name}"
