"""import_list: what an operator reads and what a program reads."""

from __future__ import annotations

import json
import re
import signal
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from leads.models import ListedNumber, ListImport, Parcel
from tests.factories import ParishFactory

pytestmark = pytest.mark.django_db
HEADER = "PIN,Taxpayer Name,Phone 1,Email,Deeded Acres,Remarks\n"
ROWS = "001,BOUDREAUX JEAN,225-344-1234,jean@example.com,2.5,wet\n,NO NUMBER,,,3,\n003,HEBERT ANN,,,nan,\n"


@pytest.fixture(autouse=True)
def parish(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return ParishFactory(market__code="LA", market__name="Louisiana", name="East Baton Rouge")


@pytest.fixture
def roll(tmp_path):
    path = tmp_path / "roll.csv"
    path.write_text(HEADER + ROWS)
    return path


def run(path, **options):
    """Standard output and standard error."""
    out, err = StringIO(), StringIO()
    target = {"market": "LA", "parish": "East Baton Rouge", "source": "tax_roll"}
    call_command("import_list", str(path), stdout=out, stderr=err, **target | options)
    return out.getvalue(), err.getvalue()


def test_json_is_all_of_standard_output_and_holds_every_figure(roll):
    out, err = run(roll, json=True)

    done = json.loads(out)
    kept = ListImport.objects.get()
    assert err == ""
    assert {name: value for name, value in done.items() if name.startswith("rows_") and name != "rows_per_second"} == {
        "rows_read": 3,
        "rows_created": 2,
        "rows_updated": 0,
        "rows_unchanged": 0,
        "rows_rejected": 1,
    }
    assert (done["status"], done["list_import"]) == ("done", kept.pk)
    assert done["seconds"] >= 0
    assert done["rows_per_second"] > 0
    assert {reason["outcome"]: reason["reason"] for reason in done["reasons"] if reason["outcome"] == "rejected"} == {
        "rejected": "no parcel number"
    }


def test_a_person_reads_figures_reasons_and_progress(roll):
    out, err = run(roll)

    lines = [line.split() for line in out.splitlines()]
    assert ["rows", "3"] in lines
    assert ["created", "2"] in lines
    assert ["rejected", "1"] in lines
    assert "rejected: no parcel number" in out
    assert "3 of 3 rows" in err


def test_the_preview_shows_columns_and_masks_what_is_personal(roll):
    out, _ = run(roll, preview=True, json=True)

    shown = json.loads(out)
    samples = {found["field"]: found["samples"] for found in shown["mapping"]}
    assert samples["number"] == ["001", "003"]
    assert samples["phone_1"] == ["•••-•••-••34"]
    assert samples["email"] == ["••••@•••••••.•om"]
    assert shown["unused_columns"] == ["Remarks"]
    assert not any(word in out for word in ("344-1234", "jean", "example"))
    assert not Parcel.objects.exists()
    assert not ListImport.objects.exists()


@pytest.mark.parametrize(
    "mapping", ["number=PIN,owner_name=Remarks", '{"number": "PIN", "owner_name": "Remarks"}'], ids=["pairs", "JSON"]
)
def test_a_given_column_wins_over_the_detected_one(roll, mapping):
    run(roll, mapping=mapping)

    assert ListImport.objects.get().mapping["owner_name"] == "Remarks"


def test_a_list_whose_worker_may_be_alive_is_not_taken_over(parish):
    now = datetime(2026, 3, 2, 16, 4, 5, tzinfo=UTC)
    running = ListImport.objects.create(
        market=parish.market, parish=parish, source="gis", status="running", heartbeat_at=now
    )

    with time_machine.travel(now + timedelta(minutes=2)), pytest.raises(CommandError, match="resumed from 10:07:05 on"):
        call_command("import_list", resume=running.pk)


def test_one_list_of_a_parish_at_a_time(roll, parish):
    from django.utils import timezone

    ListImport.objects.create(
        market=parish.market, parish=parish, source="gis", status="running", heartbeat_at=timezone.now()
    )

    with pytest.raises(CommandError, match=r"^another list of East Baton Rouge is being imported"):
        run(roll, json=True)

    assert ListImport.objects.count() == 1
    assert not Parcel.objects.exists()


# progress, stopping and going on


class Interrupting(StringIO):
    """A terminal at which somebody presses Ctrl-C as soon as these words are shown."""

    def __init__(self, words):
        super().__init__()
        self.words = words

    def write(self, text):
        written = super().write(text)
        if self.words in text:
            self.words = "never again"
            signal.raise_signal(signal.SIGINT)
        return written


@pytest.fixture
def long_list(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("phone\n" + "".join(f"225-{344 + n // 10_000}-{n % 10_000:04}\n" for n in range(25_000)))
    return path


def test_the_terminal_shows_rows_pace_and_time_left(long_list, monkeypatch):
    monkeypatch.setattr("leads.imports.progress.TOLD_EVERY", 0)

    _, err = run(long_list, parish="", source="litigator")

    assert "counting its rows: 20,000 so far" in err
    assert re.search(r"10,000 of 25,000 rows, [\d,]+ rows/s, \d+ s left", err)
    assert re.search(r"25,000 of 25,000 rows, [\d,]+ rows/s *\n", err)


def test_ctrl_c_stops_the_list_and_it_goes_on_without_a_second_copy(long_list):
    err = Interrupting("10,000 of 25,000")

    with pytest.raises(CommandError) as stopped:
        call_command("import_list", str(long_list), market="LA", source="litigator", stdout=StringIO(), stderr=err)

    left = ListImport.objects.get()
    assert (left.status, left.rows_read, stopped.value.returncode) == ("cancelled", 10_000, 130)
    assert str(stopped.value) == (
        f"stopped after 10,000 of 25,000 rows, which stay; go on with: import_list --resume {left.pk}, or take them"
        f" back with: undo_list {left.pk}"
    )
    assert ListedNumber.objects.count() == 10_000

    out = StringIO()
    call_command("import_list", resume=left.pk, json=True, stdout=out)

    assert json.loads(out.getvalue())["rows_read"] == 25_000
    assert ListedNumber.objects.count() == 25_000


def test_ctrl_c_while_the_list_is_counted(long_list, monkeypatch):
    monkeypatch.setattr("leads.imports.progress.TOLD_EVERY", 0)
    err = Interrupting("counting its rows: 5,000")

    with pytest.raises(CommandError, match=r"^stopped after 0 of all rows"):
        call_command("import_list", str(long_list), market="LA", source="litigator", stdout=StringIO(), stderr=err)

    assert ListImport.objects.get().status == "cancelled"
    assert not ListedNumber.objects.exists()


def test_resuming_needs_a_list_that_was_stopped(roll):
    run(roll)
    done = ListImport.objects.get()

    with pytest.raises(CommandError, match=r"^the import is done$"):
        call_command("import_list", resume=done.pk)
    with pytest.raises(CommandError, match=r"^there is no list import 999999$"):
        call_command("import_list", resume=999_999)
    with pytest.raises(CommandError, match=r"^say file, market, source; or --resume"):
        call_command("import_list")


def test_a_list_of_land_needs_its_parish(roll):
    with pytest.raises(CommandError, match=r"^a list of land needs the name of its parish$"):
        run(roll, parish="")
    assert not ListImport.objects.exists()
