"""A dry run of letters and calls: how many owners could get each and why the others could not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.models import User
from outreach import progress
from outreach.campaigns import launch_campaign
from outreach.dry_running import plan_campaign
from outreach.models import CallTask, Campaign, CampaignOwner, Letter, Message
from outreach.suppressions import suppress_number
from tests.factories import CampaignStepFactory, TemplateVariantFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, draft_campaign, open_market, phone_of, reachable_lead

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


def of_steps(*kinds: str, **fields: Any) -> Campaign:
    """A campaign of these steps, at once one after the other."""
    campaign = draft_campaign(open_market(), **fields)
    campaign.steps.all().delete()
    for place, kind in enumerate(kinds, start=1):
        letter = {"template__purpose": "letter", "body": "Dear {{first_name|neighbor}}, write {{letter_code}}."}
        words = {"letter": letter, "text": {}}
        template = TemplateVariantFactory(**words[kind]).template if kind in words else None
        CampaignStepFactory(campaign=campaign, position=place, kind=kind, template=template)
    return campaign


def told(campaign: Campaign) -> list[tuple[int, dict[str, int]]]:
    plan_campaign(campaign)
    touches = Campaign.objects.get(pk=campaign.pk).dry_run["touches"]
    return [(touch["at_most"], touch["reasons"]) for touch in touches]


def do_all(campaign: Campaign) -> None:
    assert launch_campaign(campaign, by=None)
    for _ in range(6):
        progress.follow_unsent()
        progress.advance_due()


def test_the_dry_run_counts_the_letters_and_calls_that_are_then_made() -> None:
    campaign = of_steps("letter", "call")
    market = campaign.market
    reachable_lead(market, consent=False)
    reachable_lead(market, mailing_zip="")
    reachable_lead(market, kind="government")
    reachable_lead(market).owner.phone_links.all().delete()
    suppress_number(phone_of(reachable_lead(market)), "opt_out", evidence="STOP")
    letters, calls = told(campaign)
    neither = {"a government owner is never contacted": 1, "the owner said stop": 1}
    assert letters == (2, neither | {"the mailing address is not complete": 1})
    assert calls == (2, neither | {"no number that may be called": 1})
    do_all(campaign)
    assert (Letter.objects.count(), CallTask.objects.count()) == (2, 2)


def test_who_may_not_be_texted_is_counted_for_what_follows() -> None:
    campaign = of_steps("text", "letter", "call")
    campaign.steps.filter(kind="call").update(conditions=["no_consent"])
    reachable_lead(campaign.market)
    reachable_lead(campaign.market, consent=False)
    assert told(campaign) == [(2, {}), (1, {"there is consent for texts": 1})]


def test_the_most_owners_are_those_that_can_be_reached() -> None:
    """Whoever has no number takes nobody's place in a campaign of calls."""
    campaign = of_steps("call", max_owners=2)
    for score in (95, 94):
        reachable_lead(campaign.market, score=score).owner.phone_links.all().delete()
    for score in (80, 70, 60):
        reachable_lead(campaign.market, score=score)
    assert told(campaign) == [(2, {})]
    do_all(campaign)
    assert list(CallTask.objects.order_by("pk").values_list("lead__score", flat=True)) == [80, 70]


def test_the_most_owners_hold_from_the_first_step_on() -> None:
    """Two enter, whatever becomes of their text: the dry run looks at no others."""
    campaign = of_steps("wait", "text", max_owners=2)
    for score, consent in ((90, False), (80, True), (70, True)):
        reachable_lead(campaign.market, score=score, consent=consent)
    plan = plan_campaign(campaign)
    assert (plan.to_send, plan.blocked) == (1, 1)
    do_all(campaign)
    assert CampaignOwner.objects.count() == 2
    assert Message.objects.filter(state="queued").count() == 1


def test_the_page_says_so_and_promises_no_text(client: Client, person: Person) -> None:
    person("manager")
    campaign = of_steps("letter")
    reachable_lead(campaign.market)
    reachable_lead(campaign.market, mailing_zip="")
    plan = plan_campaign(campaign)
    assert (plan.owners, plan.to_send) == (2, 0)
    content = client.get(reverse("admin:outreach_campaign_dry_run", args=[campaign.pk])).content.decode()
    assert "Letters and calls" in content
    assert "1 not: the mailing address is not complete" in content
    assert "The campaign has no text." in content


def test_many_owners_take_as_many_queries_as_few(django_assert_num_queries: Any) -> None:
    campaign = of_steps("letter", "call")
    for owners in (1, 3):
        for _ in range(owners):
            reachable_lead(campaign.market)
        with django_assert_num_queries(32):
            plan_campaign(campaign)
