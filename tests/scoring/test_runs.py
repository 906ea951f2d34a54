"""Scoring a whole market in the background: with progress, resumed, replaced by newer weights, cancelled."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from leads.models import Event, Lead
from scoring.models import ScoringRun
from scoring.profiles import active_profile, save_weights
from scoring.run_requests import cancel_run, request_run
from scoring.runs import MAX_ATTEMPTS, STALE, run_scoring
from scoring.service import score_market
from scoring.tasks import resume_scoring_runs
from scoring.waiting import score_waiting
from scoring.weights import default_weights
from tests.factories import LeadFactory, MarketFactory, UserFactory

pytestmark = pytest.mark.django_db


class WorkerDiedError(Exception):
    """As if the worker had died: nobody catches it."""


@pytest.fixture
def market():
    market = MarketFactory(name="Louisiana")
    for _ in range(7):
        LeadFactory(market=market)
    score_waiting()
    return market


def new_weights(market, points, by=None):
    """A version with other points for size, of which every lead has some."""
    changed = default_weights() | {"size": {**default_weights()["size"], "quarter_to_5_acres": points}}
    save_weights(market, changed, by=by, note="other points")
    return ScoringRun.objects.latest_of(market)


def sizes(market):
    return [lead.reasons[2].points for lead in Lead.objects.in_market(market).order_by("pk")]


def again(run):
    return ScoringRun.objects.get(pk=run.pk)


def test_it_goes_through_the_market_in_batches_and_shows_how_far_it_is(market):
    run = new_weights(market, 9)
    seen = []

    def told(done, total):
        now = again(run)
        assert (now.leads_done, now.state) == (done, "running")
        seen.append((done, total))

    done = run_scoring(run.pk, progress=told, size=3)

    assert seen == [(3, 7), (6, 7), (7, 7)]
    assert (done.state, done.leads_total, done.leads_done, done.leads_changed) == ("done", 7, 7, 7)
    assert sizes(market) == [9] * 7
    assert set(Lead.objects.values_list("score_version", flat=True)) == {2}
    assert Event.objects.of_kind("LeadScored").count() == 7
    assert Event.objects.of_kind("MarketScored").get().data["changed"] == 7


def test_a_run_whose_worker_died_goes_on_where_it_was(market):
    run = new_weights(market, 9)

    def die(done, total):
        raise WorkerDiedError

    with pytest.raises(WorkerDiedError):
        run_scoring(run.pk, progress=die, size=3)
    assert sizes(market) == [9, 9, 9, 15, 15, 15, 15]
    assert resume_scoring_runs() == 0
    assert run_scoring(run.pk) is None

    ScoringRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - STALE - timedelta(seconds=1))
    assert resume_scoring_runs() == 1
    seen = []
    run_scoring(run.pk, progress=lambda done, total: seen.append(done), size=3)

    assert seen == [6, 7]
    assert (again(run).state, again(run).leads_changed, again(run).attempts) == ("done", 7, 0)


def test_a_slow_worker_that_was_taken_over_writes_nothing_more(market):
    run = new_weights(market, 9)

    def be_taken_over(done, total):
        if done == 3:
            ScoringRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - 2 * STALE)
            assert run_scoring(run.pk).state == "done"

    run_scoring(run.pk, progress=be_taken_over, size=3)

    assert (again(run).leads_done, again(run).leads_changed) == (7, 7)
    assert Event.objects.of_kind("MarketScored").count() == 1


def test_newer_weights_replace_a_run_in_the_midst_of_its_work(market):
    run = new_weights(market, 9)
    newer = []

    def change_again(done, total):
        if done == 3:
            newer.append(new_weights(market, 4))

    stopped = run_scoring(run.pk, progress=change_again, size=3)

    assert (stopped.state, stopped.leads_done) == ("superseded", 3)
    assert sizes(market) == [9, 9, 9, 15, 15, 15, 15]
    assert run_scoring(newer[0].pk).state == "done"
    assert sizes(market) == [4] * 7


def test_a_run_may_be_cancelled_once(market):
    run = new_weights(market, 9)

    stopped = run_scoring(run.pk, progress=lambda done, total: cancel_run(run), size=3)

    assert (stopped.state, stopped.leads_done) == ("cancelled", 3)
    assert sizes(market).count(9) == 3
    assert cancel_run(run).code == "finished"
    assert again(run).state == "cancelled"
    assert not Event.objects.of_kind("MarketScored").exists()


def test_asking_again_is_answered_with_the_run_that_is_under_way(market):
    person = UserFactory()
    first = request_run(active_profile(market), by=person, cause=ScoringRun.Cause.BY_HAND)

    assert request_run(active_profile(market), by=None, cause=ScoringRun.Cause.NIGHT) == first
    assert ScoringRun.objects.count() == 1


def test_a_run_that_ends_its_worker_each_time_is_given_up(market):
    run = new_weights(market, 9)
    long_ago = timezone.now() - 2 * STALE
    ScoringRun.objects.filter(pk=run.pk).update(state="running", heartbeat_at=long_ago, attempts=MAX_ATTEMPTS)

    assert run_scoring(run.pk) is None

    assert (again(run).state, again(run).error) == ("failed", f"Given up after {MAX_ATTEMPTS} starts.")
    assert sizes(market) == [15] * 7


def test_a_lead_that_comes_in_during_a_run_has_the_new_weights(market):
    run = new_weights(market, 9)

    def bring_one_in(done, total):
        if done == 3:
            LeadFactory(market=market)
            score_waiting()

    run_scoring(run.pk, progress=bring_one_in, size=3)

    assert sizes(market) == [9] * 8
    assert score_market(market).value.changed == 0


def test_the_command_shows_progress_and_declines_while_a_worker_is_at_it(market, capsys):
    call_command("score_market", market.code)
    out, err = capsys.readouterr()
    assert "7 leads scored" in out
    assert "7 of 7 leads" in err
    assert "leads/s" in err

    run = request_run(active_profile(market), by=None, cause=ScoringRun.Cause.BY_HAND)
    ScoringRun.objects.filter(pk=run.pk).update(state="running", heartbeat_at=timezone.now())
    with pytest.raises(CommandError, match="is being scored by a worker"):
        call_command("score_market", market.code)
