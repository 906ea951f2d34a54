"""The order of a campaign's steps, as a manager types it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.models import User
from outreach.models import Campaign
from tests.factories import CampaignStepFactory
from tests.outreach.campaign_setting import draft_campaign, open_market, reachable_lead
from tests.outreach.test_admin_campaigns import filled, page

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]


@pytest.fixture
def campaign() -> Campaign:
    market = open_market()
    reachable_lead(market)
    return draft_campaign(market)


def typed(campaign: Campaign, *places: int) -> dict[str, Any]:
    """A text, a wait and a call with these positions."""
    data = filled(campaign) | {"steps-TOTAL_FORMS": 3, "steps-INITIAL_FORMS": 3, "steps-0-position": places[0]}
    for number, kind in ((1, "wait"), (2, "call")):
        step = CampaignStepFactory(campaign=campaign, position=number + 1, kind=kind, template=None)
        values = {"id": step.pk, "campaign": campaign.pk, "position": places[number], "kind": kind, "delay_days": 0}
        data |= {f"steps-{number}-{name}": value for name, value in values.items()}
    return data


def order(campaign: Campaign) -> list[str]:
    return list(campaign.steps.order_by("position").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("places", "kinds"),
    [
        ((2, 1, 3), ["wait", "text", "call"]),
        ((3, 2, 1), ["call", "wait", "text"]),
        ((2, 3, 1), ["call", "text", "wait"]),
        ((9, 2, 3), ["wait", "call", "text"]),
    ],
)
def test_steps_change_places(
    client: Client, person: Person, campaign: Campaign, places: tuple[int, ...], kinds: list[str]
) -> None:
    person("manager")
    response = client.post(page("change", campaign), typed(campaign, *places))
    assert response.status_code == 302
    assert order(campaign) == kinds
    assert sorted(campaign.steps.values_list("position", flat=True)) == sorted(places)


def test_two_steps_at_one_place_are_refused_in_words(client: Client, person: Person, campaign: Campaign) -> None:
    person("manager")
    response = client.post(page("change", campaign), typed(campaign, 1, 2, 2))
    [steps] = response.context["inline_admin_formsets"]
    assert steps.formset.non_form_errors() == ["Two steps have the position 2: give each a place of its own."]
    assert order(campaign) == ["text", "wait", "call"]


@pytest.mark.parametrize("place", [0, 100])
def test_a_place_that_is_none_is_refused(client: Client, person: Person, campaign: Campaign, place: int) -> None:
    person("manager")
    response = client.post(page("change", campaign), typed(campaign, 1, 2, place))
    [steps] = response.context["inline_admin_formsets"]
    assert "position" in steps.formset.forms[2].errors
    assert order(campaign) == ["text", "wait", "call"]
