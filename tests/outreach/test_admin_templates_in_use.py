"""Templates that campaigns use: what switching them off, or other words, does to the campaigns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from core.models import User
from local.twilio_simulator import TwilioSimulator
from outreach.campaigns import end_campaign, launch_campaign, resume_campaign
from outreach.dry_running import plan_campaign
from outreach.models import Campaign, CampaignStep, DryRun, MessageTemplate, TemplateVariant
from outreach.sending import send_due
from outreach.versions import put_back_words
from tests.factories import TemplateVariantFactory, UserFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, draft_campaign, open_market, reachable_lead
from tests.outreach.test_admin_campaigns import filled
from tests.outreach.test_admin_campaigns import page as campaign_page
from tests.outreach.test_admin_templates import GOOD, form, page

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def edited(template: MessageTemplate, **changes: Any) -> dict[str, Any]:
    """What the form of a template with one wording posts."""
    variant = template.variants.get()
    kept = {"variants-INITIAL_FORMS": 1, "variants-0-id": variant.pk, "variants-0-template": template.pk}
    return form(variant.body, name=template.name, **kept | changes)


def running_campaign() -> Campaign:
    market = open_market()
    reachable_lead(market)
    campaign = draft_campaign(market, name="Autumn")
    assert launch_campaign(campaign, by=None)
    return campaign


@pytest.mark.parametrize("switched_off", ["active", "variants-0-active"])
def test_a_template_switched_off_pauses_what_runs_with_it_and_nothing_leaves_in_its_words(
    client: Client, person: Person, twilio_simulator: TwilioSimulator, switched_off: str
) -> None:
    manager = person("manager")
    campaign = running_campaign()
    template = campaign.steps.get().template
    changes = edited(template)
    del changes[switched_off]

    response = client.post(page(template), changes, follow=True)

    assert "“Autumn” is paused: no wording of this template is in use." in said(response)
    campaign.refresh_from_db()
    assert campaign.status == "paused"
    assert campaign.pause_reason == f"The template “{template}” has no wording in use."
    assert campaign.history.first().history_user == manager
    assert send_due().sent == 0

    refused = resume_campaign(campaign, by=manager)
    assert (refused.code, str(template) in refused.message) == ("no_variants", True)
    client.post(page(template), edited(template))
    assert resume_campaign(campaign, by=manager)
    assert send_due().sent == 1


def test_a_wording_switched_off_beside_another_pauses_nothing(client: Client, person: Person) -> None:
    person("manager")
    campaign = running_campaign()
    template = campaign.steps.get().template
    changes = edited(template)
    TemplateVariantFactory(template=template, name="B", body=GOOD)
    del changes["variants-0-active"]
    client.post(page(template), changes)
    assert not template.variants.get(name="A").active
    assert Campaign.objects.get().status == "running"


@pytest.mark.parametrize("role", ["manager", "administrator"])
def test_no_wording_is_deleted(client: Client, person: Person, role: str) -> None:
    user = person(role)
    user.is_superuser = True
    user.save()
    variant = TemplateVariantFactory()
    client.post(page(variant.template), edited(variant.template, **{"variants-0-DELETE": "on"}))
    assert TemplateVariant.objects.get() == variant


def test_the_purpose_of_a_template_that_a_campaign_uses_stays(client: Client, person: Person) -> None:
    person("manager")
    campaign = running_campaign()
    template = campaign.steps.get().template
    response = client.post(page(template), edited(template, purpose="follow_up"))
    assert response.context["adminform"].form.errors["purpose"] == [
        "Used by Autumn: make another template for another purpose."
    ]
    end_campaign(campaign, by=None)
    client.post(page(template), edited(template, purpose="follow_up"))
    assert MessageTemplate.objects.get().purpose == "follow_up"


def test_other_words_ask_for_another_dry_run(client: Client, person: Person) -> None:
    person("manager")
    market = open_market()
    reachable_lead(market)
    campaign = draft_campaign(market)
    plan_campaign(campaign)
    assert Campaign.objects.get().dry_run
    template = campaign.steps.get().template
    client.post(page(template), edited(template, **{"variants-0-body": GOOD}))
    assert Campaign.objects.get().dry_run is None
    assert DryRun.objects.newest(campaign) is None


def test_so_do_words_that_are_put_back() -> None:
    market = open_market()
    reachable_lead(market)
    campaign = draft_campaign(market)
    variant = campaign.steps.get().template.variants.get()
    first = variant.history.latest().history_id
    variant.body = GOOD
    variant.save()
    plan_campaign(campaign)
    assert put_back_words(variant.template, first, by=UserFactory(), reason="better")
    assert Campaign.objects.get().dry_run is None


def test_a_step_with_a_template_without_words_is_refused(client: Client, person: Person) -> None:
    person("manager")
    market = open_market()
    reachable_lead(market)
    campaign, empty = draft_campaign(market), TemplateVariantFactory(active=False).template
    response = client.post(campaign_page("change", campaign), filled(campaign, **{"steps-0-template": empty.pk}))
    [steps] = response.context["inline_admin_formsets"]
    assert steps.formset.forms[0].errors["template"] == [f"“{empty}” has no wording in use: switch one on first."]
    assert CampaignStep.objects.get().template != empty


def test_a_step_keeps_its_template_when_something_else_is_edited(client: Client, person: Person) -> None:
    person("manager")
    market = open_market()
    reachable_lead(market)
    campaign = draft_campaign(market)
    TemplateVariant.objects.update(active=False)
    client.post(campaign_page("change", campaign), filled(campaign, daily_cap=7))
    assert Campaign.objects.get().daily_cap == 7
