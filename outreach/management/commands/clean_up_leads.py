"""manage.py clean_up_leads [--apply] [--days 365] [--json]"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from markets.models import LEAST_DELETED_DAYS
from outreach.retention import Retention, clean_up_leads, plan_clean_up


class Command(BaseCommand):
    help = (
        "Says which deleted leads would be removed for good and which the law keeps; with --apply removes those that "
        "are past the retention of their market."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="remove them; without it nothing is written")
        parser.add_argument("--days", type=int, help="dry run: as if markets without a retention had this one")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["days"]
        if days is not None and days < LEAST_DELETED_DAYS:
            raise CommandError(f"--days: deleted leads are kept for {LEAST_DELETED_DAYS} days or more")
        if options["apply"] and days is not None:
            raise CommandError("--days is for the dry run; what is removed goes by the settings of the markets")
        said, figures = self._apply(options["json"]) if options["apply"] else self._count(days)
        self.stdout.write(json.dumps(figures) if options["json"] else said)

    def _apply(self, quiet: bool) -> tuple[str, dict[str, Any]]:
        done = clean_up_leads(progress=None if quiet else self._show)
        if not done.complete:
            raise CommandError("another run is at work; try again when it is done")
        return f"\r{done.removed:,} leads removed in {done.seconds:.1f} s", asdict(done)

    def _count(self, days: int | None) -> tuple[str, dict[str, Any]]:
        plans = plan_clean_up(suppose_days=days)
        total = sum(plan.due for plan in plans)
        lines = [*map(_line, plans), f"{total:,} leads would be removed; --apply does it"]
        return "\n".join(lines), {"markets": [plan.as_json() for plan in plans], "total": total}

    def _show(self, removed: int) -> None:
        self.stderr.write(f"\rremoved: {removed:,}", ending="")


def _line(plan: Retention) -> str:
    if plan.days is None:
        return f"{plan.market.code:<12} no retention: {plan.deleted:,} deleted leads are kept for ever"
    kept = ", ".join(f"kept: {why} {number:,}" for why, number in plan.kept.items())
    return (
        f"{plan.market.code:<12} after {plan.days} days: would go {plan.due:,}, too recent {plan.waiting:,}"
        f"{', ' + kept if kept else ''}"
    )
