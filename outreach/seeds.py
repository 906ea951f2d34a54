"""What a new installation begins with: rules of the breakers, and how replies are read. Missing rows are written after
every migrate; what people changed stays.

Carriers publish no limits. These follow what they and Twilio call healthy: opt-outs well under 5 %, hardly any text
filtered, and lists whose numbers mostly reach the owner.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings

HOUR, DAY = 60, 1440
RULES: tuple[tuple[str, str, dict[str, int]], ...] = (
    ("template", "filtered", {"least": 5, "percent": 2}),
    ("sender", "filtered", {"least": 5, "percent": 5}),
    ("campaign", "opted_out", {"least": 5, "percent": 5}),
    ("template", "opted_out", {"least": 5, "percent": 8}),
    ("campaign", "wrong_number", {"least": 5, "percent": 15}),
    ("sender", "not_delivered", {"least": 20, "percent": 50, "window_minutes": 4 * HOUR, "cool_down_minutes": HOUR}),
    ("provider", "unanswered", {"least": 10, "percent": 50, "window_minutes": 10, "cool_down_minutes": 2}),
)


def seed_outreach(sender: AppConfig | None = None, **kwargs: Any) -> None:
    from outreach.models import BreakerRule, ReadingPolicy
    from outreach.querysets.reading import ONLY

    ReadingPolicy.objects.get_or_create(pk=ONLY, defaults={"small_model": settings.OPENAI_MODEL})
    for scope, signal, figures in RULES:
        BreakerRule.objects.get_or_create(scope=scope, signal=signal, defaults=figures)
