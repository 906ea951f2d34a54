from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db import models
from django.db.models import Count, Sum

if TYPE_CHECKING:
    from markets.models import Market
    from outreach.models import CachedAnswer, ModelCall, ReadingPolicy

ONLY = 1


class ReadingPolicyQuerySet(models.QuerySet["ReadingPolicy"]):
    def current(self) -> ReadingPolicy:
        """The defaults when nobody has set anything yet."""
        return self.filter(pk=ONLY).first() or self.model(pk=ONLY)


class ModelCallQuerySet(models.QuerySet["ModelCall"]):
    def spent_since(self, moment: datetime) -> tuple[int, Decimal]:
        """Calls and dollars."""
        spent = self.filter(asked_at__gte=moment).aggregate(calls=Count("pk"), dollars=Sum("cost"))
        return spent["calls"], spent["dollars"] or Decimal(0)

    def open_of_batch(self, batch_id: str) -> dict[str, ModelCall]:
        """Questions of a batch that have no answer yet, by the id of the reply."""
        waiting = self.filter(outcome="asked", detail__startswith=f"{batch_id} ")
        return {call.detail.rpartition(" ")[2]: call for call in waiting}

    def open_batch(self, since: datetime) -> str:
        """The last batch with questions that have no answer yet, or ""."""
        waiting = self.filter(outcome="asked", asked_at__gte=since, detail__contains=" reply ").order_by("-pk")
        return str(next(iter(waiting.values_list("detail", flat=True)[:1]), "")).partition(" ")[0]

    def finish(self, call: ModelCall, **values: Any) -> bool:
        """False when somebody has written down an answer before."""
        return bool(self.filter(pk=call.pk, outcome="asked").update(**values))


class CachedAnswerQuerySet(models.QuerySet["CachedAnswer"]):
    def valid(self, market: Market, policy: ReadingPolicy, now: datetime) -> CachedAnswerQuerySet:
        """As sure as answers have to be by now."""
        return self.filter(market=market, expires_at__gt=now, confidence__gte=policy.cache_sure)

    def of_person(self, market: Market, words: str, now: datetime) -> CachedAnswer | None:
        return self.filter(market=market, words=words, source="person", expires_at__gt=now).first()

    def same(self, market: Market, words: str, policy: ReadingPolicy, now: datetime) -> CachedAnswer | None:
        return self.valid(market, policy, now).filter(words=words).first()

    def alike(self, market: Market, words: str, policy: ReadingPolicy, now: datetime) -> list[CachedAnswer]:
        """The likest first. The operator finds candidates by the index, the exact measure then sorts them."""
        near = self._near(self.valid(market, policy, now), words, policy.cache_similarity)
        return list(near.order_by("-likeness", "-pk")[:5])

    def remember(self, answer: CachedAnswer, now: datetime) -> None:
        """A machine that was asked before a person spoke does not overrule that person afterwards."""
        rows: list[Any] = [answer]
        if answer.source != "person":
            known = self.filter(market=answer.market, words=answer.words)
            known.exclude(source="person", expires_at__gt=now).delete()
            self.bulk_create(rows, ignore_conflicts=True)
            return
        self.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["market", "words"],
            update_fields=["label", "evidence", "source", "confidence", "expires_at"],
        )

    def forget_alike(self, market: Market, words: str, at_least: Decimal) -> int:
        """For a reading that was wrong: what was said of these words, or of nearly these, is said no more."""
        near = self._near(self.filter(market=market), words, at_least)
        same = self.filter(market=market, words=words)
        deleted, _ = self.filter(models.Q(pk__in=near.values("pk")) | models.Q(pk__in=same.values("pk"))).delete()
        return deleted

    def _near(self, among: CachedAnswerQuerySet, words: str, at_least: Decimal) -> models.QuerySet[Any]:
        candidates = among.filter(words__trigram_similar=words)
        return candidates.annotate(likeness=TrigramSimilarity("words", words)).filter(likeness__gte=float(at_least))

    def forget_models(self) -> int:
        """For models that are others now, or are told other things."""
        deleted, _ = self.exclude(source="person").delete()
        return deleted

    def remove_expired(self, now: datetime) -> int:
        deleted, _ = self.filter(expires_at__lte=now).delete()
        return deleted
