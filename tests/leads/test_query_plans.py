"""The main queries are answered from an index: no plan reads a big table from end to end.

Of 20,000 generated leads, with the server's own settings; `make bench` asks the same of 1,000,000.
"""

import pytest
from django.db import connection, transaction

from leads.models import Event, Lead
from local.bench.generated import generate_records
from local.bench.questions import Answer, answers, nodes_of

LEADS = 20_000
pytestmark = pytest.mark.django_db  # so that the database is made when these tests run alone


@pytest.fixture(scope="module")
def generated(django_db_setup, django_db_blocker):
    """Rolled back after the module: to make the rows anew for each test would take as long as all the rest."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            generate_records(LEADS)
            yield
            transaction.set_rollback(True)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # else PostgreSQL would go on expecting those rows in other tests


@pytest.fixture(scope="module")
def plans(generated, django_db_blocker):
    with django_db_blocker.unblock():
        return {answer.question: answer for answer in answers()}


def test_the_rows_are_there(generated, django_db_blocker):
    with django_db_blocker.unblock():
        assert Lead.objects.count() == LEADS
        assert Event.objects.count() > 2 * LEADS
        stages = Lead.objects.order_by().values_list("stage", flat=True).distinct()
        assert len(stages) == 11


def test_no_main_query_reads_a_whole_table(plans):
    assert len(plans) >= 10
    assert {name: plan.scanned for name, plan in plans.items() if plan.scanned} == {}
    assert [name for name, plan in plans.items() if not plan.indexes] == []


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("leads of a market and stage", "lead_market_stage_score"),
        ("leads, best first", "lead_score"),
        ("leads, a page in the middle", "lead_score"),
        ("leads by a rare name", "lead_search_text"),
        ("leads by parcel number", "lead_search_text"),
        ("timeline of a lead", "event_lead_created"),
        ("next leads of a person", "lead_assigned_next"),
        ("leads of a person, best first", "lead_assigned_score"),
        ("events nobody has reacted to", "event_outbox"),
    ],
)
def test_the_index_made_for_a_question_is_the_one_that_answers_it(plans, question, index):
    assert index in plans[question].indexes


def test_a_query_without_an_index_is_noticed(generated, django_db_blocker):
    with django_db_blocker.unblock():
        nodes = nodes_of(lambda: list(Lead.objects.filter(score_version=77)))
        assert ("Seq Scan", "leads_lead") in {(node["Node Type"], node.get("Relation Name")) for node in nodes}
        assert not Answer("x", ("leads_lead",), ()).is_good
