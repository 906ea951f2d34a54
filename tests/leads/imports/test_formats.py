"""Readers: any list becomes a header and records, one at a time."""

from __future__ import annotations

import io
import json
import random
import tracemalloc

import pytest

from leads.imports.errors import ListError
from leads.imports.files import ListFile
from leads.imports.formats import MAX_COLUMNS, find_layout, open_list, unique_names


def read(content, name="roll.csv"):
    """Header and records of these bytes."""
    file = ListFile(name, lambda: io.BytesIO(content))
    with open_list(file, find_layout(file)) as reader:
        return reader.header, [(record.line, record.cells) for record in reader.records()]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "old Mac"])
@pytest.mark.parametrize("mark", [",", "\t", "|", ";"], ids=["comma", "tab", "pipe", "semicolon"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
def test_a_list_reads_the_same_however_it_was_saved(end, mark, encoding):
    rows = [["number", "owner"], ["001", "Hébert"], ["002", f"Lee {mark} Co"]]
    text = end.join(mark.join(f'"{cell}"' if mark in cell else cell for cell in row) for row in rows)

    header, records = read(text.encode(encoding))

    assert header == rows[0]
    assert [cells for _, cells in records] == rows[1:]


def test_windows_letters_are_not_taken_for_latin_1():
    assert read("number,owner\n1,O’Neal – “Ann”\n".encode("cp1252"))[1] == [(2, ["1", "O’Neal – “Ann”"])]


def test_lines_are_those_of_the_file():
    content = b'number,owner\n\n001,"BOUDREAUX\nJEAN"\n\n002,HEBERT\n003,LEE'

    assert [line for line, _ in read(content)[1]] == [3, 6, 7]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (["a", "a", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "", " "], ["a", "column 2", "column 3"]),
        (["  parcel \n number ", "b"], ["parcel number", "b"]),
    ],
)
def test_every_column_has_a_name_of_its_own(header, names):
    assert unique_names("roll.csv", header) == names


def test_as_many_columns_as_are_read_and_no_more():
    header = [f"c{number}" for number in range(MAX_COLUMNS)]

    assert unique_names("roll.csv", header) == header
    with pytest.raises(ListError, match="has 257 columns; at most 256 are read"):
        unique_names("roll.csv", [*header, "one more"])


def geojson(*features):
    return json.dumps({"type": "FeatureCollection", "crs": {"a": [1]}, "features": features}).encode()


def feature(geometry=None, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_properties_are_columns_whatever_they_are_called():
    long = "x" * 300
    content = geojson(
        {"type": "Feature", "properties": {"  parcel  number": "001", "": "blank", long: "long"}, "geometry": None}
    )

    header, records = read(content, "gis.geojson")

    assert header == ["parcel number", "column 2", "x" * 200, "geometry"]
    assert records == [(2, ["001", "blank", "long", ""])]


def test_values_are_what_their_cells_would_say():
    point = {"type": "Point", "coordinates": [-91.18, 30.45]}
    content = geojson(
        feature(point, n="001", inside=True, acres=2.5, zone=None, odd="a\0b\ud800"), feature(n="002"), feature()
    )

    header, records = read(content, "gis.geojson")

    assert header == ["n", "inside", "acres", "zone", "odd", "geometry"]
    assert records == [
        (2, ["001", "true", "2.5", "", "ab?", json.dumps(point)]),
        (3, ["002", "", "", "", "", ""]),
        (4, ["", "", "", "", "", ""]),
    ]


def test_no_bytes_end_in_anything_but_rows_or_one_line():
    random_ = random.Random(7)
    seeds = [b"number,owner\n001,Lee\n002,\xe9\n", geojson(feature(n="1"), feature(n="2")), b"PK\x03\x04" + bytes(60)]
    for _ in range(600):
        content = bytearray(random_.choice(seeds))
        for _ in range(random_.randint(1, 6)):
            at = random_.randrange(len(content))
            content[at : at + random_.randint(0, 3)] = random_.randbytes(random_.randint(0, 3))
        refusal = refusal_of(bytes(content))
        assert refusal is None or refusal.startswith("roll.csv")
        assert refusal is None or "\n" not in refusal


def refusal_of(content):
    try:
        read(content)
    except ListError as refusal:
        return str(refusal)
    return None


@pytest.mark.parametrize(("kind", "few", "many"), [("csv", 8_000, 20_000), ("geojson", 8_000, 20_000)])
def test_memory_does_not_grow_with_the_list(kind, few, many):
    def peak(rows):
        content = geojson_of(rows) if kind == "geojson" else csv_of(rows)
        file = ListFile("roll", lambda: io.BytesIO(content))
        tracemalloc.start()
        with open_list(file, find_layout(file)) as reader:
            read_ = sum(1 for _ in reader.records())
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert read_ == rows
        return used

    assert peak(many) < 1.3 * peak(few)


def csv_of(rows):
    return b"number,owner\n" + b"".join(b"%d,%s\n" % (number, b"X" * 300) for number in range(rows))


def geojson_of(rows):
    return geojson(*(feature(n=number, owner="X" * 300) for number in range(rows)))
