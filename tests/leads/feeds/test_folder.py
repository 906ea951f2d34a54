"""Looking at a folder: whole files only, each as it was, and nothing outside the folder set aside."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from leads.feeds.folder import check_folder, look_in_folder
from leads.feeds.found import FeedError, Fetched, Growing, Unfit
from tests.leads.feeds.conftest import ROLL

LATER = timedelta(minutes=5)


def look(seen=None, now=None, address="ebr"):
    """Each file with what was found; fetched ones with their bytes."""
    found = {}
    for each in look_in_folder(address, {} if seen is None else seen, now or timezone.now() + LATER):
        if isinstance(each, Fetched):
            with each.content as content:
                found[each.name] = content.read()
        else:
            found[each.name] = type(each)
    return found


def test_a_settled_list_is_copied_and_stays_where_it_is(root):
    (root / "ebr" / "roll.csv").write_text(ROLL)

    assert look() == {"roll.csv": ROLL.encode()}
    assert (root / "ebr" / "roll.csv").read_text() == ROLL


def test_a_file_is_looked_at_again_only_when_it_has_changed(root):
    path, seen = root / "ebr" / "roll.csv", {}
    path.write_text(ROLL)

    assert look(seen)
    assert look(seen) == {}
    path.write_text(ROLL + "003,DOE,1\n")
    assert look(seen) == {"roll.csv": f"{ROLL}003,DOE,1\n".encode()}
    path.unlink()
    assert look(seen) == {}
    assert seen == {}


def test_a_file_that_is_still_being_written_waits(root):
    path, seen, now = root / "ebr" / "roll.csv", {}, timezone.now()
    path.write_text(ROLL[:20])

    assert look(seen, now) == {"roll.csv": Growing}
    path.write_text(ROLL)
    assert look(seen, now) == {"roll.csv": Growing}
    assert look(seen, now) == {"roll.csv": ROLL.encode()}  # the same twice, so it is whole


def test_an_empty_file_is_one_that_has_not_begun(root):
    (root / "ebr" / "roll.csv").touch()

    assert look() == {"roll.csv": Growing}


def test_a_file_that_changes_while_it_is_copied_waits(root, monkeypatch):
    path = root / "ebr" / "roll.csv"
    path.write_text(ROLL)

    from leads.feeds import folder

    def slow_copy(name, blocks):
        fetched = copy_in(name, blocks)
        with path.open("a") as stream:
            stream.write("003,DOE,1\n")
        return fetched

    copy_in = folder.copy_in
    monkeypatch.setattr(folder, "copy_in", slow_copy)
    assert look() == {"roll.csv": Growing}


def test_the_oldest_file_comes_first(root):
    for name, age in (("b.csv", 300), ("a.csv", 200), ("c.csv", 400)):
        (root / "ebr" / name).write_text(ROLL)
        at = timezone.now().timestamp() - age
        os.utime(root / "ebr" / name, (at, at))

    assert list(look()) == ["c.csv", "b.csv", "a.csv"]


def test_other_files_and_hidden_ones_are_nobodys_business(root):
    for name in ("readme.md", ".roll.csv.X3f", "roll.csv.part", "picture.png"):
        (root / "ebr" / name).write_text(ROLL)

    assert look() == {}


def test_a_link_is_not_followed(root, tmp_path):
    (tmp_path / "secret.csv").write_text("a,b\n")
    (root / "ebr" / "roll.csv").symlink_to(tmp_path / "secret.csv")
    os.mkfifo(root / "ebr" / "pipe.csv")

    seen: dict[str, object] = {}
    assert look(seen) == {"roll.csv": Unfit, "pipe.csv": Unfit}
    assert look(seen) == {}  # said once


def test_a_file_larger_than_may_be_imported_is_not_copied(root, settings):
    settings.IMPORT_MAX_BYTES = 10
    (root / "ebr" / "roll.csv").write_text(ROLL)

    assert look() == {"roll.csv": Unfit}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/etc", "the folder must lie below the one set aside for lists, such as ebr/roll"),
        ("ebr/../..", "the folder must lie below the one set aside for lists, such as ebr/roll"),
        ("..", "the folder must lie below the one set aside for lists, such as ebr/roll"),
        ("nowhere", "there is no folder nowhere"),
        ("out", "out of out is a symbolic link or a file, not a folder"),
        ("out/below", "out of out/below is a symbolic link or a file, not a folder"),
        ("file.csv", "file.csv of file.csv is a symbolic link or a file, not a folder"),
    ],
)
def test_nothing_outside_the_folder_set_aside_can_be_reached(root, tmp_path, address, said):
    (tmp_path / "elsewhere" / "below").mkdir(parents=True)
    (root / "out").symlink_to(tmp_path / "elsewhere")
    (root / "file.csv").write_text(ROLL)

    with pytest.raises(FeedError) as refused:
        check_folder(address)
    assert str(refused.value) == said


def test_without_a_folder_set_aside_folders_are_off(settings):
    settings.IMPORT_FEED_ROOT = ""

    with pytest.raises(FeedError, match="no folder is set aside for lists; an administrator sets IMPORT_FEED_ROOT"):
        check_folder("ebr")
