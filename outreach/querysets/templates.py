from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q, Subquery

if TYPE_CHECKING:
    from markets.models import Market
    from outreach.models import MessageTemplate, TemplateVariant


class WordsVersion(NamedTuple):
    """One version of a wording's words: the id of its history row."""

    variant_id: int
    version: int
    body: str


class TemplateVariantQuerySet(models.QuerySet["TemplateVariant"]):
    def in_use(self) -> bool:
        return self.filter(active=True).exists()

    def with_versions(self) -> TemplateVariantQuerySet:
        """With `version`, the id of the newest history row: read in one statement with the words, it is theirs."""
        rows = self.model.history.filter(id=OuterRef("pk")).order_by("-history_id")
        return self.annotate(version=Subquery(rows.values("history_id")[:1])).order_by("pk")

    def versions_of(self, variant_ids: Iterable[int]) -> list[WordsVersion]:
        """All versions of these wordings, oldest first."""
        rows = self.model.history.filter(id__in=list(variant_ids)).order_by("history_id")
        return [WordsVersion(*row) for row in rows.values_list("id", "history_id", "body")]

    def history_of(self, variant_ids: Iterable[int]) -> list[Any]:
        """Their history rows with who made them, oldest first."""
        rows = self.model.history.filter(id__in=list(variant_ids)).select_related("history_user")
        return list(rows.order_by("history_id"))

    def version_of(self, template: MessageTemplate, version: int) -> Any | None:
        """The history row, if it is of one of the template's wordings."""
        return self.model.history.filter(history_id=version, template_id=template.pk).first()

    def version_number(self, variant_id: int, version: int) -> int:
        """Which of the wording's versions it is, counted from 1."""
        return int(self.model.history.filter(id=variant_id, history_id__lte=version).count())

    def lock(self, variant_id: int) -> TemplateVariant | None:
        return self.filter(pk=variant_id).select_for_update().first()


class MessageTemplateQuerySet(models.QuerySet["MessageTemplate"]):
    def for_list(self) -> MessageTemplateQuerySet:
        """With `wordings`: how many of its variants are in use."""
        return self.select_related("market").annotate(
            wordings=models.Count("variants", filter=Q(variants__active=True)),
        )

    def for_campaigns(self) -> MessageTemplateQuerySet:
        """What a campaign's step may say, in a text or a letter."""
        return self.filter(purpose__in=["first_text", "follow_up", "letter"], active=True)

    def for_texts(self) -> MessageTemplateQuerySet:
        """What a campaign's step may say."""
        return self.filter(purpose__in=["first_text", "follow_up"], active=True)

    def families(self, templates: Iterable[MessageTemplate]) -> list[MessageTemplate]:
        """These templates and their relatives in use: of the same name and purpose, for other markets and languages.
        With all wordings, in use or not, and the version of each."""
        from outreach.models import TemplateVariant  # the models are built on these querysets

        known = {template.pk: template.name for template in templates}
        wanted = Q(pk__in=list(known)) | Q(name__in=set(known.values()), active=True)
        wordings = Prefetch("variants", TemplateVariant.objects.with_versions())
        return list(self.filter(wanted).order_by("pk").prefetch_related(wordings))

    def relatives_of(self, template: MessageTemplate) -> MessageTemplateQuerySet:
        """The others of its name and purpose, for other markets and languages."""
        same = self.filter(name=template.name, purpose=template.purpose).exclude(pk=template.pk)
        return same.select_related("market").order_by("language", F("market").asc(nulls_first=True))

    def history_of(self, template: MessageTemplate) -> list[Any]:
        """Its history rows with who made them, oldest first."""
        rows = self.model.history.filter(id=template.pk).select_related("history_user", "market")
        return list(rows.order_by("history_id"))

    def usable(self, market: Market, purpose: str) -> MessageTemplateQuerySet:
        """Active templates of this purpose, the market's own first."""
        mine = self.filter(Q(market=market) | Q(market__isnull=True), purpose=purpose, active=True)
        return mine.order_by(F("market").asc(nulls_last=True), "name")

    def with_wordings(self) -> MessageTemplateQuerySet:
        return self.prefetch_related("variants")
