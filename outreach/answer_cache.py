"""Tier two: what the same words, or nearly the same, meant before in the same market."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from outreach.models import CachedAnswer, Message, ReadingPolicy, ReplyLabel
from outreach.reading import UNDECIDED, Reading
from outreach.reply_words import in_plain_words

if TYPE_CHECKING:
    from datetime import datetime

LONGEST, SHORTEST_ALIKE = 200, 12
"""Letters of plain words: longer replies are nobody's repetition, shorter ones are alike by chance."""

_PUNCTUATION = re.compile(r" [.,?](?= )")
_UNSAID = re.compile(r"\$(?!\s?\d)")
"""Plain words drop it, and "$?" is no "?"."""
_DECISIVE = re.compile(r"\d+|\b(?:not|no|never|nobody|none|without|if|unless|but|stop|nunca|si|pero)\b")


def plain(body: str) -> str:
    """The reply as the cache knows it; "" for what is too long to come twice, or says more than its words."""
    words = _PUNCTUATION.sub("", in_plain_words(body).line).strip()
    return words if len(words) <= LONGEST and not _UNSAID.search(body) else ""


def read_by_cache(message: Message, policy: ReadingPolicy, now: datetime) -> Reading:
    words = plain(message.body)
    if message.market is None or not words:
        return UNDECIDED
    found = CachedAnswer.objects.same(message.market, words, now) or _nearly(message, words, policy, now)
    if found is None:
        return UNDECIDED
    evidence = found.evidence if found.evidence and found.evidence in message.body else message.body.strip()
    return Reading(found.label, ReplyLabel.Tier.CACHE.value, float(found.confidence), evidence)


def remember(message: Message, label: ReplyLabel, policy: ReadingPolicy) -> None:
    """Keeps what a model said with confidence or a person said; what is alike and says otherwise goes first."""
    words = plain(message.body)
    if message.market is None or not words:
        return
    by_person = label.tier == ReplyLabel.Tier.PERSON
    if by_person:
        CachedAnswer.objects.forget_alike(message.market, words, policy.cache_similarity)
    sure = by_person or (label.tier in ReplyLabel.MODELS and label.confidence >= policy.cache_sure)
    if not sure or label.label == ReplyLabel.Label.OPT_OUT:
        return
    CachedAnswer.objects.remember(
        CachedAnswer(
            market=message.market,
            words=words,
            label=label.label,
            evidence=label.evidence,
            source=label.tier,
            confidence=Decimal(label.confidence),
            expires_at=timezone.now() + timedelta(days=policy.cache_days),
        )
    )


def _nearly(message: Message, words: str, policy: ReadingPolicy, now: datetime) -> CachedAnswer | None:
    """One letter more or less may turn a meaning round, so numbers, denials and conditions must be the same, and those
    that are alike must agree."""
    if len(words) < SHORTEST_ALIKE or message.market is None or policy.cache_similarity >= 1:
        return None
    alike = CachedAnswer.objects.alike(message.market, words, policy.cache_similarity, now)
    alike = [answer for answer in alike if _DECISIVE.findall(answer.words) == _DECISIVE.findall(words)]
    return alike[0] if len({answer.label for answer in alike}) == 1 else None
