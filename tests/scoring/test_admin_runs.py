"""The page of the weights shows how far the scoring is, and lets a manager stop or start it."""

import pytest
from django.urls import reverse

from scoring.models import ScoringRun
from scoring.profiles import active_profile, save_weights
from scoring.runs import run_scoring
from scoring.weights import default_weights
from tests.factories import LeadFactory, MarketFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return LeadFactory(market=MarketFactory(name="Louisiana")).market


def page_of(market):
    return reverse("admin:scoring_scoringprofile_weights", args=[market.pk])


def url(name, pk):
    return reverse(f"admin:scoring_scoringrun_{name}", args=[pk])


def changed(market):
    save_weights(market, default_weights(), by=None, note="again")
    return ScoringRun.objects.latest_of(market)


def test_before_any_run_the_page_says_nothing_of_one(client, person, market):
    person("manager")

    assert "live-progress" not in client.get(page_of(market)).content.decode()


def test_while_it_runs_the_page_says_so_and_whose_scores_are_shown(client, person, market):
    person("manager")
    run = changed(market)

    page = client.get(page_of(market)).content.decode()

    assert "Scoring with version 1" in page
    assert 'data-show="label">Waiting for a worker' in page
    assert 'data-finished="0"' in page
    state = client.get(url("progress", run.pk)).json()
    assert (state["read"], state["total"], state["finished"]) == (0, 1, False)


def test_when_it_is_done_every_lead_has_the_version_in_force(client, person, market):
    person("manager")
    run = changed(market)
    run_scoring(run.pk)

    page = client.get(page_of(market)).content.decode()

    assert "Every lead shows its score by version 1" in page
    assert "Score the market now" not in page
    state = client.get(url("progress", run.pk)).json()
    assert (state["label"], state["percent"], state["read"], state["seconds_left"]) == ("Done", 100, 1, None)


def test_a_manager_cancels_a_run_and_starts_another(client, person, market):
    user = person("manager")
    run = changed(market)

    page = client.post(url("cancel", run.pk), follow=True).content.decode()
    assert "Cancelled" in page
    assert "show their score by the version before" in page
    assert "The scoring is over" in client.post(url("cancel", run.pk), follow=True).content.decode()

    client.post(url("start", market.pk))
    run = ScoringRun.objects.latest_of(market)
    assert (run.state, run.cause, run.asked_by) == ("queued", "by_hand", user)


def test_a_rep_watches_and_stops_nothing(client, person, market):
    person("rep")
    run = changed(market)

    assert client.get(url("progress", run.pk)).status_code == 200
    assert client.post(url("cancel", run.pk)).status_code == 403
    assert client.post(url("start", market.pk)).status_code == 403
    assert [run.state for run in ScoringRun.objects.all()] == ["queued"]


def test_a_person_without_a_role_does_not_even_watch(client, market):
    from tests.factories import UserFactory

    client.force_login(UserFactory())

    assert client.get(url("progress", changed(market).pk)).status_code == 403


@pytest.mark.parametrize("versions", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number_of_versions(
    client, person, warmed, market, versions, django_assert_num_queries
):
    person("manager")
    active_profile(market)
    for _ in range(versions):
        changed(market)
    warmed(page_of(market))

    with django_assert_num_queries(8):
        client.get(page_of(market))
