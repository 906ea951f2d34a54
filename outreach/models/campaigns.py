from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from leads.models import ListImport, Tag
from leads.stages import Stage
from markets.models import Market, Parish
from outreach.models.templates import MessageTemplate
from outreach.querysets import CampaignQuerySet, CampaignStepQuerySet, SenderNumberQuerySet
from outreach.step_conditions import CONDITIONS


class SenderNumberRepository(models.Manager.from_queryset(SenderNumberQuerySet)):  # type: ignore[misc]
    pass


class SenderNumber(models.Model):
    """What texts are sent from and answered at: a number of ours, or a messaging service that has several."""

    number = models.CharField(
        max_length=34,
        unique=True,
        validators=[
            RegexValidator(
                r"^(\+[1-9]\d{7,14}|MG[0-9a-f]{32})$",
                "Use E.164, such as +12255550100, or the id of a messaging service (MG and 32 digits).",
            )
        ],
    )
    market = models.ForeignKey(Market, null=True, blank=True, on_delete=models.PROTECT, related_name="sender_numbers")
    label = models.CharField(max_length=60, blank=True)
    active = models.BooleanField(default=True)
    daily_cap = models.PositiveIntegerField(default=200, help_text="Texts a day from this number.")
    segments_per_minute = models.PositiveIntegerField(
        default=60, help_text="A long code carries about one segment a second; more only waits at the provider."
    )
    warm_up_from = models.DateField(
        "warm up from",
        null=True,
        blank=True,
        help_text="First day of a new number: carriers distrust one that starts with hundreds of texts. Empty: no.",
    )
    warm_up_texts = models.PositiveIntegerField(
        "texts on that day",
        default=20,
        validators=[MinValueValidator(1)],
        help_text="So many on the first day, and so many more on each day after it, up to the cap.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()
    objects = SenderNumberRepository()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.label or self.number

    @property
    def is_number(self) -> bool:
        """Not a messaging service: people can be told to text it."""
        return self.number.startswith("+")

    @property
    def area_code(self) -> str:
        return self.number[2:5] if self.number.startswith("+1") else ""

    def cap_on(self, day: date) -> int:
        """Texts that may leave on this day, of the warm-up or of the cap."""
        if self.warm_up_from is None:
            return self.daily_cap
        return min(self.daily_cap, self.warm_up_texts * max(0, (day - self.warm_up_from).days + 1))


class CampaignRepository(models.Manager.from_queryset(CampaignQuerySet)):  # type: ignore[misc]
    pass


def default_stages() -> list[str]:
    return [Stage.QUALIFIED]


class Campaign(models.Model):
    """An audience and the steps it gets. A draft sends nothing; launching takes its owners in."""

    class ConsentWanted(models.TextChoices):
        HAS = "has", "Only owners with consent for texts"
        LACKS = "lacks", "Only owners without consent for texts"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        ENDED = "ended", "Ended"

    name = models.CharField(max_length=80, unique=True)
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="campaigns")
    parishes = models.ManyToManyField(Parish, blank=True, help_text="None chosen: all parishes of the market.")
    stages = ArrayField(models.CharField(max_length=16, choices=Stage), default=default_stages)
    lists = ArrayField(
        models.CharField(max_length=12, choices=ListImport.Source),
        default=list,
        blank=True,
        db_default=[],
        help_text="On all of these lists. None chosen: whatever lists they are on.",
    )
    tags = models.ManyToManyField(Tag, blank=True, help_text="With any of these tags. None chosen: tagged or not.")
    consent = models.CharField(max_length=5, choices=ConsentWanted, blank=True, default="", db_default="")
    min_score = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(100)], help_text="Empty: the market's contact score."
    )
    max_owners = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    daily_cap = models.PositiveIntegerField(default=60, help_text="Texts a day of this campaign.")
    takes_new_leads = models.BooleanField(
        "takes in new leads",
        default=False,
        db_default=False,
        help_text="While it runs, owners who come to match later are taken in by themselves.",
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT, editable=False)
    pause_reason = models.CharField(max_length=200, blank=True, editable=False)
    dry_run = models.JSONField(null=True, blank=True, editable=False, help_text="Result of the last dry run.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    launched_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    enrol_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When owners of the audience are to be taken in next."
    )

    history = HistoricalRecords()
    objects = CampaignRepository()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="draft") | Q(launched_at__isnull=False), name="campaign_launched_has_date"
            )
        ]
        permissions = [("launch_campaign", "Can launch, pause and end campaigns")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("admin:outreach_campaign_change", args=[self.pk])


class CampaignStep(models.Model):
    """One step of a campaign, so many days after the one before: done for an owner when its conditions hold then."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        LETTER = "letter", "Letter"
        CALL = "call", "Call"
        WAIT = "wait", "Wait"

    WITH_TEMPLATE = (Kind.TEXT, Kind.LETTER)

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.TEXT, db_default=Kind.TEXT)
    # Texts and letters always have one (a constraint says so), and nothing else asks for it.
    template: models.ForeignKey[MessageTemplate, MessageTemplate] = models.ForeignKey(  # type: ignore[misc]
        MessageTemplate, null=True, blank=True, on_delete=models.PROTECT
    )
    delay_days = models.PositiveSmallIntegerField(default=0)
    conditions = ArrayField(
        models.CharField(max_length=13, choices=[(code, rule.label) for code, rule in CONDITIONS.items()]),
        default=list,
        blank=True,
        db_default=[],
    )
    only_stages = ArrayField(models.CharField(max_length=16, choices=Stage), default=list, blank=True, db_default=[])

    history = HistoricalRecords()
    objects = models.Manager.from_queryset(CampaignStepQuerySet)()

    class Meta:
        ordering = ["campaign", "position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="campaign_step_position"),
            models.CheckConstraint(
                condition=Q(kind__in=["text", "letter"], template__isnull=False)
                | Q(kind__in=["call", "wait"], template__isnull=True),
                name="campaign_step_template_fits_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} step {self.position}"

    @property
    def in_words(self) -> str:
        what = f"{self.get_kind_display()} “{self.template}”" if self.template else self.get_kind_display()
        days = f", {self.delay_days} day{'' if self.delay_days == 1 else 's'} later" if self.delay_days else ""
        return f"{what}{days}"

    @property
    def conditions_in_words(self) -> str:
        words = [CONDITIONS[code].label for code in self.conditions if code in CONDITIONS]
        stages = [str(Stage(stage).label).lower() for stage in self.only_stages]
        return "; ".join([*words, *([f"only in the stage {' or '.join(stages)}"] if stages else [])])
