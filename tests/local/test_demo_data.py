import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from types import GeneratorType

import phonenumbers
import pytest

from local.demo_data import (
    ADJUDICATED_HEADER,
    DELINQUENT_HEADER,
    KINDS,
    SKIP_TRACE_HEADER,
    TAX_ROLL_HEADER,
    DemoFiles,
    adjudicated_rows,
    delinquent_rows,
    geojson_lines,
    gis_features,
    livingston_tax_roll_rows,
    skip_trace_rows,
    tax_roll_row,
    tax_roll_rows,
    write_demo_files,
)
from local.demo_data.files import livingston_size
from local.demo_data.shares import SHARES, wheel

ROWS = 2_000
ROOT = Path(__file__).resolve().parents[2]
Record = dict[str, str]


def records(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[Record]:
    return [dict(zip(header, row, strict=True)) for row in rows]


ROLL = records(TAX_ROLL_HEADER, tax_roll_rows(ROWS))
SKIP_TRACE = records(SKIP_TRACE_HEADER, skip_trace_rows(ROWS))
ADJUDICATED = records(ADJUDICATED_HEADER, adjudicated_rows(ROWS))
DELINQUENT = records(DELINQUENT_HEADER, delinquent_rows(ROWS))
FEATURES = list(gis_features(ROWS))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write_demo_files(tmp_path_factory.mktemp("demo"), ROWS)


def digests(files: DemoFiles) -> dict[str, str]:
    return {kind: hashlib.sha256(getattr(files, kind).read_bytes()).hexdigest() for kind in KINDS}


def assert_share(kind: str, found: int, total: int) -> None:
    expected = next(s.per_mille for group in SHARES.values() for s in group if s.kind == kind) / 1000 * total
    assert 0.5 * expected <= found <= 1.6 * expected, (kind, found, expected)


class TestFiles:
    def test_headers_are_the_parishes_own(self, files: DemoFiles) -> None:
        first_line = {kind: getattr(files, kind).read_text(encoding="latin-1").partition("\n")[0] for kind in KINDS}
        assert (
            first_line["roll"]
            == first_line["livingston"]
            == (
                "parcel_number,owner_name,mailing_address,mailing_city,mailing_state,mailing_zip,phone,email,land_value,"
                "improvement_value,acreage,situs_address,situs_city,situs_state,situs_zip,legal_description,subdivision,ward"
            )
        )
        assert first_line["adjudicated"] == (
            "TAX YEAR,PROPERTY NUMBER,TAXPAYER NAME,TAXPAYER ADDRESS,TAXPAYER CITY STATE ZIP,PHYSICAL ADDRESS,"
            "SUBDIVISION NAME,BLOCK/SQUARE NO,LOT NO,WARD,LEGAL DESCRIPTION,FAIR MARKET VALUE,TOTAL ASSESSED VALUE,"
            "COUNCIL DISTRICT,ZIP CODE,GEOLOCATION"
        )
        assert first_line["delinquent"] == "parcel_number,years_tax_delinquent,is_adjudicated"
        assert first_line["skip_trace"].startswith(first_line["roll"] + ",phone_1,phone_1_type,phone_1_dnc,phone_2,")
        assert first_line["skip_trace"].endswith(",phone_10,phone_10_type,phone_10_dnc")

    def test_the_same_seed_writes_the_same_bytes_in_another_process(self, files: DemoFiles, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "local.demo_data", "--out", str(tmp_path), "--rows", str(ROWS)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env={"PYTHONHASHSEED": "7"})
        assert digests(DemoFiles.under(tmp_path)) == digests(files)

    def test_another_seed_writes_other_bytes_in_every_file(self, files: DemoFiles, tmp_path: Path) -> None:
        other = digests(write_demo_files(tmp_path, ROWS, seed=2))
        assert not set(other.values()) & set(digests(files).values())

    def test_the_roll_is_utf8_and_the_adjudicated_list_is_latin1_only(self, files: DemoFiles) -> None:
        assert any(ord(letter) > 127 for letter in files.roll.read_text(encoding="utf-8"))
        assert re.search("[ÉÑÓÇ]", files.adjudicated.read_text(encoding="latin-1"))
        with pytest.raises(UnicodeDecodeError):
            files.adjudicated.read_text(encoding="utf-8")

    def test_every_row_has_as_many_cells_as_its_header(self, files: DemoFiles) -> None:
        for kind in ("roll", "adjudicated", "delinquent", "skip_trace", "livingston"):
            rows = list(csv.reader(io.StringIO(getattr(files, kind).read_text(encoding="latin-1"))))
            assert {len(row) for row in rows} == {len(rows[0])}, kind

    def test_files_not_asked_for_are_not_written(self, tmp_path: Path) -> None:
        write_demo_files(tmp_path, 50, only=["roll", "gis"])
        assert sorted(path.name for path in tmp_path.iterdir()) == ["ebr_gis.geojson", "ebr_tax_roll.csv"]

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_fifty_rows_are_enough_for_every_file_to_have_content(self, tmp_path: Path, seed: int) -> None:
        small = write_demo_files(tmp_path, 50, seed=seed)
        assert all(getattr(small, kind).read_bytes().count(b"\n") > 1 for kind in KINDS)

    @pytest.mark.parametrize("rows", [0, 49, 1_000_001])
    def test_sizes_out_of_bounds_are_refused_and_nothing_is_written(self, tmp_path: Path, rows: int) -> None:
        with pytest.raises(ValueError, match="rows must be 50 to 1,000,000"):
            write_demo_files(tmp_path / "out", rows)
        assert not (tmp_path / "out").exists()

    def test_an_unknown_file_is_named_on_one_line(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "local.demo_data", "--out", str(tmp_path / "out"), "--only", "roll,deeds"]
        done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2
        assert done.stderr.splitlines() == [f"demo data: unknown file deeds; known are {', '.join(KINDS)}"]
        assert not (tmp_path / "out").exists()

    def test_a_file_broken_off_half_way_keeps_the_former_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = write_demo_files(tmp_path, 50, only=["roll"])
        before = files.roll.read_bytes()

        def rows_of_a_full_disk(rows: int, seed: int) -> Iterable[tuple[str, ...]]:
            yield tax_roll_row(seed, 0)
            raise OSError("No space left on device")

        monkeypatch.setattr("local.demo_data.files.tax_roll_rows", rows_of_a_full_disk)
        with pytest.raises(OSError, match="No space left"):
            write_demo_files(tmp_path, 60, only=["roll"])
        assert [path.name for path in tmp_path.iterdir()] == ["ebr_tax_roll.csv"]
        assert files.roll.read_bytes() == before


class TestStreaming:
    def test_row_i_is_the_same_at_any_size_and_computed_alone(self) -> None:
        assert list(tax_roll_rows(5_000))[:ROWS] == list(tax_roll_rows(ROWS))
        assert list(tax_roll_rows(ROWS))[1_234] == tax_roll_row(1, 1_234)

    @pytest.mark.parametrize("source", [adjudicated_rows, delinquent_rows, skip_trace_rows, livingston_tax_roll_rows])
    def test_a_longer_list_begins_with_the_shorter_one(
        self, source: Callable[[int, int], Iterable[tuple[str, ...]]]
    ) -> None:
        shorter = list(source(500, 1))
        assert list(source(1_000, 1))[: len(shorter)] == shorter

    def test_rows_are_made_one_by_one(self) -> None:
        sources = (tax_roll_rows, livingston_tax_roll_rows, adjudicated_rows, delinquent_rows, skip_trace_rows)
        assert all(isinstance(source(10**9, 1), GeneratorType) for source in (*sources, gis_features, geojson_lines))

    def test_memory_does_not_grow_with_the_number_of_rows(self, tmp_path: Path) -> None:
        write_demo_files(tmp_path, 50)
        tracemalloc.start()
        try:
            write_demo_files(tmp_path, 1_500)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) > 1_000_000
        assert peak < 300_000

    def test_parcel_numbers_are_unique_but_for_repeated_rows(self) -> None:
        numbers = [row[0] for row in tax_roll_rows(30_000)]
        assert 0.975 < len(set(numbers)) / len(numbers) < 0.99


DIRT: dict[str, Callable[[Record], bool]] = {
    "blank situs": lambda r: r["situs_address"] == "",
    "situs nan": lambda r: r["situs_address"] == "nan",
    "zip as float": lambda r: r["situs_zip"].endswith(".0") and len(r["situs_zip"]) == 7,
    "zip plus four": lambda r: bool(re.fullmatch(r"\d{5}-\d{4}", r["mailing_zip"])),
    "blank zip": lambda r: r["situs_zip"] == "",
    "title case": lambda r: r["owner_name"].istitle(),
    "lower case": lambda r: r["owner_name"].islower(),
    "mixed case": lambda r: bool(re.match(r"[A-Z][a-z]+ [A-Z]{2}", r["owner_name"])),
    "trailing spaces": lambda r: r["owner_name"].endswith(" "),
    "inner spaces": lambda r: "  " in r["owner_name"].strip(),
    "et al": lambda r: r["owner_name"].endswith(" ET AL"),
    "estate": lambda r: r["owner_name"].startswith("ESTATE OF "),
    "succession": lambda r: r["owner_name"].startswith("SUCCESSION OF "),
    "llc": lambda r: r["owner_name"].endswith(" LLC"),
    "dotted llc": lambda r: r["owner_name"].endswith(", L.L.C."),
    "inc": lambda r: r["owner_name"].endswith(" INC"),
    "trust": lambda r: r["owner_name"].endswith(" TRUST"),
    "couple": lambda r: bool(re.fullmatch(r"\S+ [A-Z]+ [A-Z] & [A-Z]+ [A-Z]", r["owner_name"])),
    "comma after surname": lambda r: bool(re.match(r"[A-Z]+, [A-Z]+ [A-Z]", r["owner_name"])),
    "accent": lambda r: not r["owner_name"].isascii(),
    "government": lambda r: r["owner_name"] == "STATE OF LOUISIANA",
    "school": lambda r: "SCHOOL BOARD" in r["owner_name"],
    "church": lambda r: "CHURCH" in r["owner_name"],
    "utility": lambda r: "UTILITIES" in r["owner_name"],
    "care of": lambda r: r["mailing_address"].startswith("C/O "),
    "po box": lambda r: r["mailing_address"].startswith("PO BOX"),
    "unit": lambda r: " APT " in r["mailing_address"],
    "no mail": lambda r: r["mailing_address"] == "",
    "houston": lambda r: (r["mailing_city"], r["mailing_state"]) == ("HOUSTON", "TX"),
    "dallas": lambda r: (r["mailing_city"], r["mailing_state"]) == ("DALLAS", "TX"),
    "orlando": lambda r: (r["mailing_city"], r["mailing_state"]) == ("ORLANDO", "FL"),
    "jackson": lambda r: (r["mailing_city"], r["mailing_state"]) == ("JACKSON", "MS"),
    "other parish": lambda r: (r["mailing_city"], r["mailing_state"]) == ("NEW ORLEANS", "LA"),
    "owner lives there": lambda r: r["mailing_address"] == r["situs_address"] != "",
    "dollars and commas": lambda r: bool(re.fullmatch(r"\$\d+,\d{3}", r["land_value"])),
    "decimals": lambda r: r["land_value"].endswith(".00"),
    "blank value": lambda r: r["land_value"] == "",
    "blank acreage": lambda r: r["acreage"] == "",
    "negative acreage": lambda r: r["acreage"] == "-1",
    "absurd acreage": lambda r: r["acreage"] == "1000000000",
    "parentheses": lambda r: bool(re.fullmatch(r"\(\d{3}\) \d{3}-\d{4}", r["phone"])),
    "dashes": lambda r: bool(re.fullmatch(r"\d{3}-\d{3}-\d{4}", r["phone"])),
    "dots": lambda r: bool(re.fullmatch(r"\d{3}\.\d{3}\.\d{4}", r["phone"])),
    "bare": lambda r: bool(re.fullmatch(r"\d{10}", r["phone"])),
    "plus one": lambda r: r["phone"].startswith("+1 "),
    "one dash": lambda r: r["phone"].startswith("1-"),
    "phone as float": lambda r: bool(re.fullmatch(r"\d{10}\.0", r["phone"])),
    "extension": lambda r: " ext " in r["phone"],
    "two in a cell": lambda r: " / " in r["phone"],
    "fives": lambda r: r["phone"] == "555-555-5555",
    "seven digits": lambda r: bool(re.fullmatch(r"\d{3}-\d{4}", r["phone"])),
    "phone n/a": lambda r: r["phone"] == "N/A",
    "email": lambda r: r["email"].endswith("@example.com"),
    "email none": lambda r: r["email"] == "none",
}


class TestDirt:
    @pytest.mark.parametrize("kind", DIRT)
    def test_it_occurs_in_the_roll_yet_stays_the_exception(self, kind: str) -> None:
        found = sum(map(DIRT[kind], ROLL))
        assert 3 <= found < ROWS / 4

    def test_shares_are_those_of_the_table(self) -> None:
        assert_share("nan", sum(r["situs_address"] == "nan" for r in ROLL), ROWS)
        assert_share("dollars", sum(r["land_value"].startswith("$") for r in ROLL), ROWS)
        assert_share("trailing", sum(r["owner_name"].endswith("  ") for r in ROLL), ROWS)
        assert_share("above_land", sum(improvement_above_land(r) for r in ROLL), ROWS)
        assert_share("accented", sum(not r["owner_name"].isascii() for r in ROLL), ROWS)
        assert_share("fives", sum(r["phone"] == "555-555-5555" for r in ROLL), ROWS)

    def test_no_group_exceeds_the_whole_and_no_kind_is_too_rare_to_be_met(self) -> None:
        assert all(len(wheel(group)) == 1000 for group in SHARES)
        assert min(s.per_mille for group in SHARES.values() for s in group) >= 5

    def test_some_rows_are_repeated_exactly_and_some_with_another_mailing_address(self) -> None:
        by_number: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for record in ROLL:
            by_number[record["parcel_number"]].append(tuple(record.values()))
        repeated = [rows for rows in by_number.values() if len(rows) > 1]
        moved = [rows for rows in repeated if len(set(rows)) > 1]
        assert_share("exact_duplicate", sum(len(rows) - len(set(rows)) for rows in repeated), ROWS)
        assert_share("changed_mail", sum(len(set(rows)) - 1 for rows in moved), ROWS)
        for first, *others in moved:
            assert all(other[:2] == first[:2] and other[6:] == first[6:] for other in others)

    def test_an_owner_in_seven_holds_several_parcels(self) -> None:
        parcels = Counter({(r["owner_name"], r["mailing_address"]): 0 for r in ROLL})
        for record in {r["parcel_number"]: r for r in ROLL}.values():
            parcels[record["owner_name"], record["mailing_address"]] += 1
        people = {key: count for key, count in parcels.items() if "PO BOX" not in key[1]}
        several = sum(count > 1 for count in people.values())
        assert 0.06 < several / len(people) < 0.2
        assert max(people.values()) >= 4

    def test_one_owner_is_spelled_in_more_than_one_way(self) -> None:
        spellings: dict[str, set[str]] = defaultdict(set)
        for record in ROLL:
            if record["mailing_address"] and record["owner_name"].strip().isupper():
                spellings[record["mailing_address"].strip()].add(record["owner_name"].strip())
        assert any({name, name.replace(" ", ", ", 1)} <= names for names in spellings.values() for name in names)

    def test_land_is_mostly_bare_small_and_cheap(self) -> None:
        values = [int(r["land_value"]) for r in ROLL if r["land_value"].isdigit()]
        acres = [float(r["acreage"]) for r in ROLL if r["acreage"] not in ("", "-1", "1000000000")]
        assert min(values) >= 2_000
        assert max(values) <= 90_000
        assert len(set(values)) > 300
        assert min(acres) >= 0.1
        assert max(acres) <= 80
        assert 0.5 < sorted(acres)[len(acres) // 2] < 1.5
        assert 0.65 < sum(r["improvement_value"] == "0" for r in ROLL) / ROWS < 0.8


def improvement_above_land(record: Record) -> bool:
    land, improvement = (re.sub(r"[$,]|\.00", "", record[name]) for name in ("land_value", "improvement_value"))
    return bool(land) and int(improvement) > int(land)


class TestSecondParish:
    @pytest.mark.parametrize("rows", [50, ROWS])
    def test_it_has_parcel_numbers_that_the_first_has_too(self, rows: int) -> None:
        first = {row[0] for row in tax_roll_rows(rows)}
        second = {row[0] for row in livingston_tax_roll_rows(livingston_size(rows))}
        assert first & second
        assert second - first

    def test_its_land_is_its_own(self) -> None:
        second = records(TAX_ROLL_HEADER, livingston_tax_roll_rows(200))
        assert not {r["situs_city"] for r in second} & {r["situs_city"] for r in ROLL}
        assert not {r["situs_address"] for r in second} & {r["situs_address"] for r in ROLL} - {"", "nan"}


class TestTaxLists:
    def test_adjudicated_parcels_are_eight_in_a_hundred_of_the_roll(self) -> None:
        numbers = [r["PROPERTY NUMBER"] for r in ADJUDICATED]
        assert len(set(numbers)) == len(numbers)
        assert set(numbers) <= {r["parcel_number"] for r in ROLL}
        assert 0.07 < len(numbers) / ROWS < 0.09

    def test_they_name_the_owner_and_place_of_the_roll(self) -> None:
        roll = {r["parcel_number"]: r for r in reversed(ROLL)}
        plain = [r for r in ADJUDICATED if r["TAXPAYER NAME"] == roll[r["PROPERTY NUMBER"]]["owner_name"]]
        assert len(plain) > 0.7 * len(ADJUDICATED)
        for record in ADJUDICATED:
            situs = roll[record["PROPERTY NUMBER"]]["situs_address"]
            assert record["PHYSICAL ADDRESS"] == situs.replace("nan", "")

    def test_geolocation_comes_in_both_forms_and_blank(self) -> None:
        forms = Counter(re.sub(r"-?\d+\.\d+", "#", r["GEOLOCATION"]) for r in ADJUDICATED)
        assert set(forms) == {"POINT (# #)", "(#, #)", ""}
        for record in ADJUDICATED:
            degrees = sorted(float(number) for number in re.findall(r"-?\d+\.\d+", record["GEOLOCATION"]))
            assert not degrees or (-91.3 < degrees[0] < -90.9 and 30.3 < degrees[1] < 30.7)

    def test_city_state_and_zip_are_one_field(self) -> None:
        filled = [r["TAXPAYER CITY STATE ZIP"] for r in ADJUDICATED if r["TAXPAYER CITY STATE ZIP"]]
        assert len(filled) > 100
        assert all(re.fullmatch(r"[A-Z ]+ [A-Z]{2} \d{5}", field) for field in filled)

    def test_delinquent_parcels_are_twelve_in_a_hundred_and_agree_with_the_adjudicated_list(self) -> None:
        adjudicated = {r["PROPERTY NUMBER"] for r in ADJUDICATED}
        truth = {"1": True, "Y": True, "True": True, "0": False, "N": False, "False": False}
        assert 0.10 < len(DELINQUENT) / ROWS < 0.13
        assert {r["is_adjudicated"] for r in DELINQUENT} == set(truth)
        for record in DELINQUENT:
            assert truth[record["is_adjudicated"]] == (record["parcel_number"] in adjudicated)

    def test_years_run_from_one_to_fourteen_and_some_are_floats(self) -> None:
        years = {r["years_tax_delinquent"] for r in DELINQUENT}
        assert {float(year) for year in years} == set(range(1, 15))
        assert any(year.endswith(".0") for year in years)


def numbers_of(record: Record) -> list[str]:
    cells = (record[f"phone_{rank}"] for rank in range(1, 11))
    return [re.sub(r"\D", "", cell) for cell in cells if cell]


class TestSkipTrace:
    def test_the_roll_columns_are_untouched(self) -> None:
        assert [list(r.values())[: len(TAX_ROLL_HEADER)] for r in SKIP_TRACE] == [list(r.values()) for r in ROLL]

    def test_it_finds_numbers_for_six_owners_in_ten(self) -> None:
        counts = Counter(len(numbers_of(r)) for r in SKIP_TRACE)
        assert 0.5 < 1 - counts[0] / ROWS < 0.65
        assert set(counts) == set(range(11))

    def test_each_number_has_a_type_and_a_flag_and_blanks_have_neither(self) -> None:
        seen = Counter(
            (bool(r[f"phone_{rank}"]), r[f"phone_{rank}_type"], r[f"phone_{rank}_dnc"])
            for r in SKIP_TRACE
            for rank in range(1, 11)
        )
        given = {(True, line, flag) for line in ("Mobile", "Landline", "VoIP") for flag in ("Yes", "No")}
        assert set(seen) == given | {(False, "", "")}

    def test_numbers_are_valid_and_from_the_expected_area_codes(self) -> None:
        numbers = {number for r in SKIP_TRACE for number in numbers_of(r)}
        assert len(numbers) > 2_000
        invalid = [n for n in numbers if not phonenumbers.is_valid_number(phonenumbers.parse(n, "US"))]
        assert invalid == []
        assert {n[:3] for n in numbers} == {"225", "504", "985", "318", "337", "713", "214", "601", "850"}

    def test_only_a_handful_end_in_the_digits_that_the_simulator_answers_with_a_fault(self) -> None:
        numbers = {number for r in SKIP_TRACE for number in numbers_of(r)}
        faults = [number for number in numbers if int(number[-4:]) <= 10]
        assert 1 <= len(faults) <= len(numbers) / 150
        assert all(number[-4:] != "0000" for number in numbers)

    def test_some_numbers_belong_to_two_owners(self) -> None:
        owners: dict[str, set[str]] = defaultdict(set)
        for record in SKIP_TRACE:
            for number in numbers_of(record)[:1]:
                owners[number].add(record["owner_name"].split()[-1].upper() + record["mailing_zip"][:5])
        assert sum(len(names) > 1 for names in owners.values()) >= 5

    def test_public_bodies_have_none(self) -> None:
        bodies = [r for r in SKIP_TRACE if r["owner_name"] in ("STATE OF LOUISIANA", "CITY OF BATON ROUGE")]
        assert len(bodies) >= 3
        assert not any(numbers_of(r) for r in bodies)


class TestGis:
    def test_the_file_is_one_collection_with_a_feature_a_line(self, files: DemoFiles) -> None:
        text = files.gis.read_text(encoding="utf-8")
        assert json.loads(text) == {"type": "FeatureCollection", "features": FEATURES}
        assert len(text.splitlines()) == len(FEATURES) + 2

    def test_each_parcel_of_the_roll_is_there_once(self) -> None:
        numbers = [feature["properties"]["parcel_number"] for feature in FEATURES]
        assert len(numbers) == len(set(numbers))
        assert set(numbers) == {r["parcel_number"] for r in ROLL}
        assert set(FEATURES[0]["properties"]) == {
            "parcel_number",
            "zoning_code",
            "lot_sqft",
            "inside_city",
            "lot_acres",
        }

    def test_geometry_is_a_point_a_polygon_or_null(self) -> None:
        kinds = Counter(f["geometry"]["type"] if f["geometry"] else "null" for f in FEATURES)
        assert set(kinds) == {"Point", "Polygon", "null"}
        assert 0.08 < kinds["null"] / len(FEATURES) < 0.12

    def test_polygons_are_closed_and_counter_clockwise(self) -> None:
        rings = [
            f["geometry"]["coordinates"][0] for f in FEATURES if f["geometry"] and f["geometry"]["type"] == "Polygon"
        ]
        for ring in rings:
            assert ring[0] == ring[-1]
            area = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring))
            assert area > 0
