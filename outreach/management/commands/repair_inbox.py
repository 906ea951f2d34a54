from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from outreach.threads import repair_threads


class Command(BaseCommand):
    help = "Makes every conversation of the inbox what its messages say, and says how many were wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = repair_threads()
        self.stdout.write(f"{wrong:,} conversations put right." if wrong else "Every conversation was right.")
