from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from leads.models.pipeline import Lead
from leads.querysets_tags import LeadTagQuerySet, TagQuerySet
from markets.models import Market


class TagRepository(models.Manager.from_queryset(TagQuerySet)):  # type: ignore[misc]
    pass


class Tag(models.Model):
    """A word of the team's own for leads of one market, such as “river lots”; campaigns choose their audience by it."""

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="tags", db_index=False)
    name = models.CharField(
        max_length=40, validators=[RegexValidator(r"^[^,]*\w[^,]*$", "A tag has a letter or a digit, and no comma.")]
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TagRepository()

    class Meta:
        ordering = ["market", "name"]
        constraints = [models.UniqueConstraint("market", Lower("name"), name="tag_once_per_market")]

    def __str__(self) -> str:
        return self.name


class LeadTag(models.Model):
    """That a lead has a tag, since when and by whom."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="tagged", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged", db_index=False)
    tagged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    tagged_at = models.DateTimeField()

    objects = models.Manager.from_queryset(LeadTagQuerySet)()

    class Meta:
        ordering = ["lead", "tag"]
        constraints = [models.UniqueConstraint(fields=["lead", "tag"], name="lead_tag_once")]
        indexes = [models.Index(fields=["tag", "lead"], name="lead_tag_leads")]

    def __str__(self) -> str:
        return str(self.tag)
