"""Scores come in with a list, and afterwards change only where an input has changed; a full look finds nothing more."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from config.outbox import deliver_events
from leads.imports import scorer
from leads.imports.formats import Record
from leads.imports.rows import Place, RowReader
from leads.imports.scorer import LandSample
from leads.imports.sources import PLANS
from leads.imports.undo import request_undo, run_undo
from leads.merging import merge_owners
from leads.models import Event, Lead, ListImport, Owner, Parcel
from scoring import parish_figures
from scoring.models import LeadToScore, ParishYardstick, ScoringRun
from scoring.parish_figures import renew_figures
from scoring.profiles import save_weights
from scoring.service import score_lead, score_market
from scoring.tasks import follow_list, run_scoring, score_markets_at_night, score_waiting_leads
from scoring.waiting import score_waiting
from scoring.weights import default_weights
from tests.factories import LeadFactory, OwnerFactory, ParishFactory, UserFactory

pytestmark = pytest.mark.django_db
HEADER = (
    "parcel_number,owner_name,mailing_address,mailing_city,mailing_state,mailing_zip,acreage,land_value,situs_zip,"
    "last_sale_date"
)


def row(number, *, owner="", state="TX", acres=2.5, value=12000, zip_code="70810"):
    name = owner or f"BOUDREAUX JEAN {number}"
    return f"{number:03d},{name},{number} OAK ST,HOUSTON,{state},{zip_code},{acres},{value},70810,2001-02-03"


ROLL = [row(n, acres=n, value=n * 1000 * (1 + n % 4)) for n in range(1, 13)]


@pytest.fixture
def imported(import_list, a_list):
    def run(*rows, **options):
        header = options.pop("header", HEADER)
        return import_list(a_list(*rows, header=header, name=f"{len(rows)}-{timezone.now():%H%M%S%f}.csv"), **options)

    return run


@pytest.fixture(autouse=True)
def nothing_left_to_do(market):
    """Whatever a test has done: what waits is scored, and then scoring everything anew changes nothing."""
    yield
    score_waiting()
    assert not LeadToScore.objects.exists()
    assert score_market(market).value.changed == 0
    for lead in Lead.objects.all():
        found = score_lead(lead)
        assert (lead.score, lead.score_reasons) == (found.total, found.stored)


def test_leads_come_in_with_their_scores_in_one_write(imported, market):
    imported(*ROLL)

    assert Lead.objects.count() == 12
    assert set(Lead.objects.values_list("score_version", flat=True)) == {1}
    assert all(len(lead.reasons) == 6 for lead in Lead.objects.all())
    assert {lead.scored_at for lead in Lead.objects.all()} == {lead.created_at for lead in Lead.objects.all()}
    assert not LeadToScore.objects.exists()
    assert not Event.objects.of_kind("LeadScored").exists()
    assert score_market(market).value.changed == 0


def test_the_first_list_of_a_parish_is_measured_by_its_own_median(imported, parish):
    imported(*ROLL)

    assert ParishYardstick.objects.of(parish.pk).median == Decimal("2500.00")
    assert "($2500" in " ".join(Lead.objects.get(parcel__number="001").score_reasons)


def test_a_second_list_writes_only_the_leads_it_has_changed(imported):
    imported(*ROLL)
    before = dict(Lead.objects.values_list("parcel__number", "scored_at"))

    changed = row(3, acres=30, value=3 * 1000 * 4 * 10)  # the same value per acre, so that the median stays
    imported(*ROLL[:2], changed, *ROLL[3:])

    after = dict(Lead.objects.values_list("parcel__number", "scored_at"))
    assert {number for number, at in after.items() if at != before[number]} == {"003"}
    told = Event.objects.of_kind("LeadScored").get()
    assert told.lead.parcel.number == "003"
    assert told.data["from"] - told.data["to"] == 15


def test_a_moved_median_changes_every_lead_that_it_measures(imported, parish):
    imported(*ROLL)
    imported(*(row(n, acres=n, value=n * 100) for n in range(1, 13)))

    assert ParishYardstick.objects.of(parish.pk).median == Decimal("100.00")
    assert all("($100)" in " ".join(lead.score_reasons) for lead in Lead.objects.all())


@pytest.mark.parametrize("rows", [[row(2, state="LA")], [row(2, owner="NEW OWNER LLC", state="LA", zip_code="70810")]])
def test_a_new_address_and_a_new_owner_count_at_once(imported, rows):
    imported(*ROLL)
    imported(*rows)

    assert Lead.objects.get(parcel__number="002").reasons[0].points == 0


def test_a_new_delinquency_and_a_second_list_of_unpaid_taxes_count_at_once(imported, market):
    stacked = {**default_weights(), "stacking": {"two_lists": 8, "one_list": 3}}
    for factor, points in stacked.items():
        stacked[factor] = {case: min(given, 12) for case, given in points.items()}
    save_weights(market, stacked, by=None, note="stacked")
    imported(*ROLL)
    imported("004,4", header="parcel_number,years_delinquent", source="delinquent")
    lead = Lead.objects.get(parcel__number="004")
    assert [reason.points for reason in lead.reasons if reason.factor in ("tax_distress", "stacking")] == [12, 3]

    imported("004", "013", header="parcel_number", source="adjudicated")

    lead.refresh_from_db()
    assert lead.reasons[-1].points == 8


def test_undoing_a_list_takes_its_scores_back(imported):
    imported(*ROLL)
    before = dict(Lead.objects.values_list("parcel__number", "score"))
    second = imported(*(row(n, acres=40 + n, value=n * 70, state="LA") for n in range(1, 20)))
    assert dict(Lead.objects.values_list("parcel__number", "score")) != before

    assert request_undo(ListImport.objects.get(pk=second["list_import"]), by=UserFactory())
    run_undo(second["list_import"])

    assert dict(Lead.objects.values_list("parcel__number", "score")) == before
    assert not LeadToScore.objects.exists()


def test_what_a_person_changes_is_scored_soon_and_may_qualify(imported, market):
    imported(*ROLL)
    market.contact_score = 60
    market.save()
    lead = Lead.objects.get(parcel__number="005")
    assert lead.score < 60
    parcel = Parcel.objects.get(number="005")
    parcel.adjudicated = True
    parcel.save()
    Owner.objects.filter(pk=lead.owner_id).update(name="NOT AN INPUT")

    assert score_waiting_leads() == 1

    lead.refresh_from_db()
    assert lead.score >= 60
    assert lead.stage == "qualified"


def test_a_merge_scores_the_leads_that_have_another_owner_now(imported):
    imported(*ROLL)
    lead = Lead.objects.get(parcel__number="006")
    kept = OwnerFactory(mailing_state="LA", mailing_zip="70810")

    merge_owners(kept, lead.owner, by=UserFactory(), reason="")
    deliver_events()
    score_waiting_leads()

    lead.refresh_from_db()
    assert (lead.owner, lead.reasons[0].points) == (kept, 0)


def test_an_owner_of_land_in_two_parishes_is_scored_in_both(imported, market):
    ParishFactory(market=market, name="Ascension")
    imported(*ROLL)
    imported(row(1), parish="Ascension")
    imported("001,BOUDREAUX JEAN 1,9 ELM ST,BATON ROUGE,LA,70810,2.5,12000,70810,2001-02-03")

    assert LeadToScore.objects.count() == 1
    follow_list(market.pk)

    assert [lead.reasons[0].points for lead in Lead.objects.filter(parcel__number="001")] == [0, 0]


def test_without_a_scorer_leads_come_in_unscored_and_wait(imported, monkeypatch):
    monkeypatch.setattr(scorer, "_scorers", [])
    imported(*ROLL)

    assert set(Lead.objects.values_list("score", flat=True)) == {None}
    assert LeadToScore.objects.count() == 12
    score_waiting()
    assert None not in Lead.objects.values_list("score", flat=True)


def test_a_lead_entered_otherwise_and_one_restored_wait_too(market):
    lead = LeadFactory(market=market)
    score_waiting()
    Lead.objects.filter(pk=lead.pk).update(deleted_at=timezone.now())
    Parcel.objects.filter(pk=lead.parcel_id).update(acres=3)
    score_waiting()
    lead.refresh_from_db()
    assert "2.5 acres" in lead.reasons[2].reason

    Lead.objects.filter(pk=lead.pk).update(deleted_at=None)
    score_waiting()

    lead.refresh_from_db()
    assert "3 acres" in lead.reasons[2].reason


def test_in_a_large_parish_the_yardstick_stays_until_the_land_has_moved_away(imported, parish, monkeypatch):
    monkeypatch.setattr(parish_figures, "SMALL", 5)
    rows = [row(n, acres=1, value=1000 + n) for n in range(1, 100)]
    imported(*rows)
    put = ParishYardstick.objects.get(parish=parish)
    scored = dict(Lead.objects.values_list("pk", "scored_at"))

    imported(*rows, row(200, acres=1, value=1100))
    assert ParishYardstick.objects.get(parish=parish).taken_at == put.taken_at
    assert dict(Lead.objects.filter(pk__in=scored).values_list("pk", "scored_at")) == scored

    imported(*(row(n, acres=1, value=1100 + n) for n in range(1, 100)))
    assert ParishYardstick.objects.get(parish=parish).median == Decimal("1149.50")


def test_renewing_a_yardstick_twice_marks_nothing_the_second_time(imported, parish):
    imported(*ROLL)
    Parcel.objects.update(land_value=1)
    score_waiting()

    for marked in (12, 0):
        renew_figures(parish.pk, timezone.now())
        assert LeadToScore.objects.count() == marked
        score_waiting()


def test_a_new_zip_of_land_scores_only_the_owners_who_get_mail_there(imported):
    imported(*(row(n, state="LA", zip_code=str(70800 + n)) for n in range(1, 13)))
    before = dict(Lead.objects.values_list("parcel__number", "scored_at"))
    assert Lead.objects.get(parcel__number="003").reasons[0].points == 10

    changed = row(7, state="LA", zip_code="70807").replace("70810", "70803")
    imported(changed)

    after = dict(Lead.objects.values_list("parcel__number", "scored_at"))
    assert {number for number, at in after.items() if at != before[number]} == {"003"}


def test_years_pass_and_the_night_writes_only_what_differs(imported, market, time_machine):
    time_machine.move_to(datetime(2026, 3, 3, 18, tzinfo=UTC))
    imported(*ROLL)
    Parcel.objects.filter(number="001").update(last_sale_on=date(2006, 3, 10))
    score_waiting()
    assert score_market(market).value.changed == 0

    time_machine.move_to(datetime(2026, 3, 11, 18, tzinfo=UTC))
    assert score_markets_at_night() == 1
    run_scoring(ScoringRun.objects.latest_of(market).pk)

    run = ScoringRun.objects.latest_of(market)
    assert (run.cause, run.state, run.leads_done, run.leads_changed) == ("night", "done", 12, 1)
    told = Event.objects.of_kind("LeadScored").latest("pk")
    assert (told.lead.parcel.number, told.data["to"] - told.data["from"]) == ("001", 8)
    Parcel.objects.filter(number="001").update(last_sale_on=date(2001, 2, 3))  # whatever day the tests run


def test_of_a_long_list_every_so_many_rows_are_taken(parish, monkeypatch):
    monkeypatch.setattr(scorer, "MOST_SAMPLED", 8)
    header = ["number", "acres", "land_value", "situs_zip"]
    reader = RowReader(PLANS["tax_roll"], header, {name: name for name in header}, Place(parish.pk, parish.name))
    sample = LandSample(reader)
    records = [Record(n, [f"{n}", "2", f"{2000 + 2 * n}", "70810-1234"]) for n in range(100)]

    assert list(sample.through(iter(records))) == records

    assert sample.counted in range(90, 115)
    assert abs(sample.median - 1050) < 20
    assert sample.zips == {"70810"}
