"""What a database needs before anything starts: migrations, reference data, demo logins and, when empty, the demo."""

from __future__ import annotations

import os
import time
from io import StringIO

import django


def prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

    from django.core.management import call_command

    from local.people import create_demo_users
    from markets.seeding import seed_reference_data

    call_command("migrate", verbosity=0)
    seed_reference_data()
    create_demo_users()


def load_demo_if_empty() -> None:
    """The demo parish, scored, with a campaign under way to people who gave their consent."""
    from leads.models import Parcel

    if Parcel.objects.exists():
        return
    from django.core.management import call_command

    from leads.duplicates.progress import search_shown
    from local import demo_content
    from markets.models import Market
    from outreach.calls import fill_call_list
    from outreach.campaigns import launch_campaign
    from scoring.tasks import follow_list

    started = time.monotonic()
    market = Market.objects.get(code="LA")
    for path, parish, source in demo_content.built_in_lists():
        print(f"loading the demo: {path.name}", flush=True)
        call_command("import_list", str(path), market="LA", parish=parish, source=source, json=True, stdout=StringIO())
    follow_list(market.pk)
    search_shown(market)
    demo_content.furnish(market)
    demo_content.give_consents(demo_content.textable_leads(market, 60))
    fill_call_list(market, 20)
    launch_campaign(demo_content.draft_campaign(market, "Louisiana first text"), by=None)
    print(f"the demo is loaded ({time.monotonic() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    prepare()
    load_demo_if_empty()
