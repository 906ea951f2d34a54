"""Tier two: what the same words, or nearly the same, meant before in the same market."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING

from django.utils import timezone

from outreach.models import CachedAnswer, Message, ReadingPolicy, ReplyLabel
from outreach.plain_words import one_letter_off
from outreach.reading import UNDECIDED, Reading
from outreach.reply_words import in_plain_words

if TYPE_CHECKING:
    from datetime import datetime

LONGEST, SHORTEST_ALIKE, LONG_WORD = 200, 12, 6
"""Letters of plain words: longer replies are nobody's repetition, shorter ones are alike by chance. Of shorter words a
letter makes another word more often than a slip."""

_PUNCTUATION = re.compile(r" [.,](?= )")
_UNSAID = re.compile(r"[^\w\s.,;:!?'\"‘’“”–—…$#-]|[¼-¾]|\$(?!\s?\d)|(?<!\d)\.\d")
"""Plain words drop it, though a thumb may point up or down and ".5" is not "5"."""


def plain(body: str) -> str:
    """The reply as the cache knows it; "" for what is too long to come twice, or says more than its words. In lower
    case nothing is taken for a name: "We Accept" must not be what "We Decline" is."""
    words = _PUNCTUATION.sub("", in_plain_words(body.lower()).line).strip()
    return words if len(words) <= LONGEST and not _UNSAID.search(body) else ""


def read_by_cache(message: Message, policy: ReadingPolicy, now: datetime) -> Reading:
    words = plain(message.body)
    if message.market is None or not words:
        return UNDECIDED
    found = CachedAnswer.objects.same(message.market, words, policy, now) or _nearly(message, words, policy, now)
    return _reading(message, found) if found else UNDECIDED


def read_by_people(message: Message, now: datetime) -> Reading:
    """What a person said of exactly these words. Of a few, as "no", it was said of one conversation and not of all."""
    words = plain(message.body)
    if message.market is None or len(words) < SHORTEST_ALIKE:
        return UNDECIDED
    found = CachedAnswer.objects.of_person(message.market, words, now)
    return _reading(message, found) if found else UNDECIDED


def _reading(message: Message, found: CachedAnswer) -> Reading:
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
    now = timezone.now()
    answer = CachedAnswer(
        market=message.market,
        words=words,
        label=label.label,
        evidence=label.evidence,
        source=label.tier,
        confidence=Decimal(label.confidence),
        expires_at=now + timedelta(days=policy.cache_days),
    )
    CachedAnswer.objects.remember(answer, now)


def _nearly(message: Message, words: str, policy: ReadingPolicy, now: datetime) -> CachedAnswer | None:
    """Those that are alike must agree, and be the same but for their spelling."""
    if len(words) < SHORTEST_ALIKE or message.market is None or policy.cache_similarity >= 1:
        return None
    alike = CachedAnswer.objects.alike(message.market, words, policy, now)
    alike = [answer for answer in alike if _is_same_but_for_spelling(answer.words, words)]
    return alike[0] if len({answer.label for answer in alike}) == 1 else None


def _is_same_but_for_spelling(one: str, other: str) -> bool:
    """In a long reply the likeness hardly shrinks when one word is another, which may turn the meaning round."""
    pairs = zip_longest(one.split(), other.split(), fillvalue="")
    return all(
        a == b or (min(len(a), len(b)) >= LONG_WORD and (a + b).isalpha() and one_letter_off(a, b)) for a, b in pairs
    )
