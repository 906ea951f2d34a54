"""import_list: what an operator reads and what a program reads."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from leads.models import ListImport, Parcel
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


def test_one_list_of_a_parish_at_a_time(roll, parish):
    from django.utils import timezone

    ListImport.objects.create(
        market=parish.market, parish=parish, source="gis", status="running", heartbeat_at=timezone.now()
    )

    with pytest.raises(CommandError, match=r"^another list of East Baton Rouge is being imported"):
        run(roll, json=True)

    assert ListImport.objects.count() == 1
    assert not Parcel.objects.exists()
