from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from leads.qualification import qualify_leads
from markets.models import Market
from scoring.service import score_market


class Command(BaseCommand):
    help = "Scores every lead of a market and qualifies those that reach its contact score."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("market", help="the market's code, such as LA")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        market = Market.objects.by_code(options["market"])
        if market is None:
            raise CommandError(f"no market “{options['market']}”; there are {', '.join(Market.objects.codes())}")
        self._started = time.monotonic()
        result = score_market(market, progress=None if options["json"] else self._show)
        if result.value is None:
            raise CommandError(result.message)
        scored, moved = result.value, qualify_leads(market)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(scored) | asdict(moved)))
            return
        self.stdout.write(
            f"\r{scored.total:,} leads scored in {scored.seconds:.1f} s, {scored.changed:,} changed; "
            f"{moved.qualified:,} qualified, {moved.disqualified:,} disqualified, {moved.left:,} left"
        )

    def _show(self, done: int, total: int) -> None:
        rate = done / max(time.monotonic() - self._started, 0.001)
        left = (total - done) / rate
        self.stderr.write(f"\r{done:,} of {total:,} leads, {rate:,.0f} leads/s, {left:.0f} s left ", ending="")
