"""manage.py find_duplicates [--market LA] [--json]"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leads.duplicates.blocking import BLOCK_LIMIT
from leads.duplicates.search import Found, find_duplicates
from markets.models import Market


class Command(BaseCommand):
    help = (
        "Finds owners who stand in the records twice: merges the certain ones where a market allows, queues the rest."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--market", default="", help="code of a market, such as LA; without it all owners")
        parser.add_argument(
            "--block-limit", type=int, default=BLOCK_LIMIT, help="owners from which a block is left out"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        market = _market(options["market"]) if options["market"] else None
        progress = None if options["json"] else self._show_progress
        found = find_duplicates(market, progress=progress, block_limit=options["block_limit"])
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found)))
        else:
            self._show(found)

    def _show_progress(self, step: str, done: int, total: int) -> None:
        self.stderr.write(f"\r{step}: {100 * done // max(total, 1)} %".ljust(50), ending="")

    def _show(self, found: Found) -> None:
        self.stderr.write("")
        self.stdout.write(
            f"{found.owners:,} owners, {found.compared:,} pairs compared in {found.seconds:.1f} s: "
            f"{found.certain:,} certain, {found.merged:,} merged, {found.queued:,} to decide"
        )
        for kind, count in found.skipped_blocks.items():
            self.stdout.write(f"left out: {count:,} blocks of too many owners with one {kind}")


def _market(code: str) -> Market:
    market: Market | None = Market.objects.by_code(code)
    if market is None:
        raise CommandError(f"no market “{code}”; there are {', '.join(Market.objects.codes())}")
    return market
