from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local import environment
from local.demo import clock, stage
from markets.seed_rules import MARKETS

if TYPE_CHECKING:
    from local.demo.accounts import Accounts
    from markets.models import Market
    from outreach.models import Campaign

REAL_LIST = environment.PROJECT_DIR.parent / "shared/data/kanawha_wv_delinquent_2022.csv"
AUDIENCE = 150


def main() -> int:
    options = _parse()
    if (code := options.market.strip().upper()) not in (known := [market.code for market in MARKETS]):
        print(f"demo: no market “{options.market}”; there are {', '.join(known)}", file=sys.stderr)
        return 2
    environment.set_development_defaults()
    stage.choose_ports()
    stage.use_own_database()
    _prepare_django()
    from markets.models import Market

    market = Market.objects.get(code=code)
    try:
        with stage.services():
            accounts = _play(market, _lists(options, market))
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return _report(accounts)


class DemoError(Exception):
    """One line that says what did not work."""


def _play(market: Market, lists: list[tuple[Path, str, str]]) -> Accounts:
    from local.demo.accounts import settle

    rows = {path.name: _import(path, market, parish, source) for path, parish, source in lists}
    _score(market)
    campaign = _prepare_campaign(market)
    _dry_run(campaign)
    queued = _launch(campaign)
    phones = stage.Phones()
    _work_until_quiet(phones)
    _texts_from_strangers(phones, market)
    _work_until_quiet(phones)
    return settle(rows, phones.log(), queued)


def _import(path: Path, market: Market, parish: str, source: str) -> int:
    """Imports one list and returns how many data rows another reader finds in it."""
    from django.core.management import call_command
    from django.core.management.base import CommandError

    out = StringIO()
    try:
        call_command("import_list", str(path), market=market.code, parish=parish, source=source, json=True, stdout=out)
    except CommandError as error:
        raise DemoError(str(error)) from None
    done: dict[str, Any] = json.loads(out.getvalue())["summary"]
    _say(f"imported {path.name}", f"{done['rows']:,} rows, {done['rows/s']:,} rows/s, {done['rejected']:,} rejected")
    return _count_rows(path)


def _score(market: Market) -> None:
    from scoring.tasks import follow_list

    follow_list(market.pk)
    _say("scored and qualified", _stages(market))


def _prepare_campaign(market: Market) -> Campaign:
    from local import demo_content

    demo_content.furnish(market)
    demo_content.lift_caps(market)
    _lower_threshold_if_nobody_qualifies(market)
    textable = list(demo_content.textable_leads(market, AUDIENCE))
    if not textable:
        _say("simulated skip trace", f"{demo_content.give_numbers(market, AUDIENCE)} owners got a number")
        textable = list(demo_content.textable_leads(market, AUDIENCE))
    _say("consent", f"{demo_content.give_consents(textable[: AUDIENCE * 4 // 5])} owners gave theirs")
    _first_touches(market)
    return demo_content.draft_campaign(market, f"Demo {market.code}", daily_cap=AUDIENCE * 2)


def _lower_threshold_if_nobody_qualifies(market: Market) -> None:
    """A list that carries few figures scores low; the demo then works with the best of what there is."""
    from leads.models import Lead
    from leads.qualification import qualify_leads

    scores = Lead.objects.open().filter(market=market, stage="ingested", score__isnull=False).order_by("-score")
    if Lead.objects.filter(market=market, stage="qualified").count() >= AUDIENCE or not scores.exists():
        return
    market.contact_score = list(scores.values_list("score", flat=True)[:AUDIENCE])[-1]
    market.save()
    qualify_leads(market)
    _say("contact score lowered", f"to {market.contact_score}: {_stages(market)}")


def _first_touches(market: Market) -> None:
    from outreach.calls import fill_call_list
    from outreach.letters import export_letters
    from outreach.models import MessageTemplate

    template = MessageTemplate.objects.get(name="Letter", market=None)
    letters = export_letters(market, template, by=None, limit=50)
    _say("letters exported", str(letters.value.count if letters.value else letters.message))
    _say("call list", f"{fill_call_list(market, 20)} calls to make")


def _dry_run(campaign: Campaign) -> None:
    from outreach.dry_running import plan_campaign

    plan = plan_campaign(campaign)
    _say("dry run", f"{plan.owners} owners: {plan.to_send} texts, {plan.segments} segments, ${plan.cost}")
    _say("", f"{plan.to_look_up} numbers to look up first, {plan.waiting} would wait, {plan.blocked} are blocked")
    for reason, count in plan.by_reason.items():
        _say("", f"  {count:>4}  {reason}")


def _launch(campaign: Campaign) -> int:
    """Returns how many texts there are now, those blocked at once among them."""
    from outreach import enrolling
    from outreach.campaigns import launch_campaign
    from outreach.models import Message

    launched = launch_campaign(campaign, by=None)
    if not launched:
        raise DemoError(f"the campaign did not start: {launched.message}")
    _say("campaign", launched.message)
    enrolling.take_in_due()  # a worker does it where the audience is large
    return Message.objects.filter(step__campaign=campaign, state__in=["queued", "blocked"]).count()


def _work_until_quiet(phones: stage.Phones) -> None:
    """What the worker does all day, until there is nothing left to do."""
    from config import outbox
    from outreach import inbound, progress, reconciling, sending, waiting_replies

    for _ in range(200):
        progress.follow_unsent()
        progress.advance_due()
        sent = sending.send_due().claimed
        phones.wait_until_quiet()
        work = sent + inbound.process_waiting() + waiting_replies.label_waiting() + outbox.deliver_events()
        if not work:
            reconciling.reconcile()
            return
    raise DemoError("the work does not come to an end")


def _texts_from_strangers(phones: stage.Phones, market: Market) -> None:
    from outreach.models import SenderNumber

    sender = SenderNumber.objects.filter(market=market).first()
    assert sender is not None
    phones.text_us("+12255559901", sender.number, "Do you still buy land out by Zachary?")
    phones.text_us("+12255559902", sender.number, "STOP")
    _say("two strangers text us", "one asks, one says STOP")


def _report(accounts: Accounts) -> int:
    print("\n" + accounts.table())
    for problem in accounts.problems:
        print(f"UNACCOUNTED  {problem}", file=sys.stderr)
    if not accounts.problems:
        print("\nEvery row and every message is accounted for.")
    return 1 if accounts.problems else 0


def _lists(options: argparse.Namespace, market: Market) -> list[tuple[Path, str, str]]:
    """Path, parish and source of each list."""
    from markets.models import Parish

    if options.list is None:
        from local.demo_content import built_in_lists

        return built_in_lists()
    if Parish.objects.named(market, options.parish) is None:
        Parish.objects.create(market=market, name=options.parish)
        _say("parish added", f"{options.parish} in {market}")
    return [(options.list, options.parish, options.source)]


def _count_rows(path: Path) -> int:
    if path.suffix == ".geojson":
        return len(json.loads(path.read_text())["features"])
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    return sum(1 for row in csv.reader(StringIO(text)) if row) - 1


def _stages(market: Market) -> str:
    from leads.models import Lead

    return ", ".join(
        f"{stage} {count:,}" for stage, count in Lead.objects.in_market(market).by_stage().items() if count
    )


def _prepare_django() -> None:
    clock.set_office_hours("America/New_York")
    clock.travel()
    from local.prepare import prepare

    prepare()


def _say(what: str, result: str) -> None:
    print(f"{what:<24} {result}", flush=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo", description="The main job without a browser, on any list.")
    parser.add_argument("--list", type=Path, help="a county list; without one the real list beside the project")
    parser.add_argument("--parish", default="", help="whose list it is")
    parser.add_argument("--market", default="", help="code of the market it belongs to, such as LA")
    parser.add_argument("--source", default="")
    options = parser.parse_args()
    if options.list is not None and not (options.parish and options.market):
        parser.error('say whose list it is: make demo LIST=file PARISH="name" MARKET=code')
    if options.list is not None and not options.list.is_file():
        parser.error(f"no file {options.list}")
    if not any((options.list, options.parish, options.market)) and REAL_LIST.is_file():
        options.list, options.parish, options.market = REAL_LIST, "Kanawha", "WV"
    options.market = options.market or "LA"
    if options.list is not None and not options.source:
        options.source = "delinquent" if "delinq" in options.list.name.lower() else "tax_roll"
    os.environ["DEMO"] = "1"
    return options


if __name__ == "__main__":
    sys.exit(main())
