"""Taking a list in: one start for each draft, and what may still be done with it afterwards."""

import pytest
from django.core.files.base import ContentFile

from leads.imports.errors import ListError
from leads.imports.intake import Target, cancel_import, find_target, queue_import, receive_list, retry_import
from leads.imports.runner import run_import
from leads.models import Event, ListImport, Parcel
from tests.factories import ParishFactory, UserFactory

ROLL = b"parcel_number,owner_name,acreage\n001,BOUDREAUX JEAN,2.5\n"
MAPPING = {"number": "parcel_number", "owner_name": "owner_name", "acres": "acreage"}


@pytest.fixture
def draft(market, parish):
    return receive_list(Target(market, parish, "tax_roll"), ContentFile(ROLL), "roll.csv", by=UserFactory())


def test_a_draft_knows_its_file_and_the_columns_it_was_detected_to_have(draft):
    list_import, sample = draft

    assert (list_import.status, list_import.mapping, list_import.size) == ("draft", MAPPING, len(ROLL))
    with list_import.file.open() as stored:
        assert stored.read() == ROLL
    assert [record.cells for record in sample.records] == [["001", "BOUDREAUX JEAN", "2.5"]]


def test_a_draft_that_is_started_twice_runs_once(draft):
    list_import, sample = draft
    stale = ListImport.objects.get(pk=list_import.pk)
    queue_import(list_import, sample, MAPPING)
    run_import(list_import.pk)

    with pytest.raises(ListError, match=r"^roll.csv: is done already$"):
        queue_import(stale, sample, MAPPING)

    assert ListImport.objects.get().status == "done"
    assert Event.objects.filter(kind="ListImported").count() == 1


def test_a_discarded_draft_is_not_started_from_a_page_left_open(draft):
    list_import, sample = draft
    cancel_import(list_import, by=UserFactory())

    with pytest.raises(ListError, match="is cancelled already"):
        queue_import(list_import, sample, MAPPING)

    assert run_import(list_import.pk) is None
    assert not Parcel.objects.exists()


@pytest.mark.parametrize("status", ["draft", "queued", "running", "done", "failed", "cancelled"])
def test_what_may_be_done_depends_on_the_status(draft, status):
    person = UserFactory()
    list_import, _ = draft

    allowed = []
    for verb in (cancel_import, retry_import):
        ListImport.objects.update(status=status)
        result = verb(list_import, by=person)
        if result:
            allowed.append(verb.__name__)
        else:
            assert (result.code, ListImport.objects.get().status) == ("not_possible", status)

    expected = {"done": [], "failed": ["retry_import"], "cancelled": ["retry_import"]}
    assert allowed == expected.get(status, ["cancel_import"])


def test_who_cancelled_is_in_the_history(draft):
    person = UserFactory()

    cancel_import(draft[0], by=person)

    latest = ListImport.history.latest("history_id")
    assert (latest.status, latest.history_user) == ("cancelled", person)


def test_a_parish_is_found_by_its_whole_name(market):
    for name in ("Jefferson", "Jefferson Davis"):
        ParishFactory(market=market, name=name)

    assert find_target("LA", "jefferson davis parish", "gis").parish.name == "Jefferson Davis"
    assert find_target("LA", "JEFFERSON", "gis").parish.name == "Jefferson"
    with pytest.raises(ListError, match="has no parish “Jeff”; did you mean Jefferson"):
        find_target("LA", "Jeff", "gis")
