"""Do-not-call and litigator lists: every number on them is stopped as the list comes in, and nothing lifts a stop but
the undoing of the one list that it rests on, by a person, with a reason."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.crypto import blind_index
from leads.imports.detection import Sample, detect_mapping
from leads.imports.runner import run_import
from leads.imports.sources import PLANS
from leads.imports.undo import request_undo, run_undo
from leads.models import Event, ImportRow, ListedNumber, ListImport, PhoneNumber
from outreach.models import CallTask, Message, Suppression
from outreach.opt_outs import opt_in_again, opt_out
from outreach.suppressions import active_reasons, suppress_number
from tests.factories import (
    LeadFactory,
    MarketFactory,
    MessageFactory,
    OwnerPhoneFactory,
    PhoneNumberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
OURS, THEIRS = "+12253441234", "+15043441234"


@pytest.fixture(autouse=True)
def market(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return MarketFactory(code="LA", name="Louisiana")


@pytest.fixture
def bring(tmp_path):
    """Imports these lines as a list, as an operator does, without naming a parish."""

    def run(*lines, source="do_not_call", name="dnc.csv"):
        path = tmp_path / name
        path.write_text("".join(f"{line}\n" for line in lines))
        out = StringIO()
        call_command("import_list", str(path), market="LA", source=source, json=True, stdout=out)
        return json.loads(out.getvalue())

    return run


def undo(done, reason="The seller sent us the wrong file."):
    list_import = ListImport.objects.get(pk=done["list_import"])
    person = UserFactory()
    assert request_undo(list_import, by=person, reason=reason)
    assert run_undo(list_import.pk) is not None
    return person


def in_force(number):
    return sorted(Suppression.objects.of_number(blind_index(number)).values_list("reason", flat=True))


def kept(done):
    return dict(ImportRow.objects.of(done["list_import"]).kept().values_list("line", "reason"))


@pytest.mark.parametrize(
    "header",
    ["phone", "Phone Number", "PhoneNumber", "Telephone", "Number", "DNC Number", "Litigator Phone", "Cell Phone",
     "Wireless Number"],
)  # fmt: skip
def test_the_number_column_is_told_by_the_headers_met_in_practice(header):
    found = detect_mapping(PLANS["litigator"], Sample(["Name", header], [["DOE JANE", "2253441234"]]))

    assert [(each.field, each.column) for each in found] == [("phone_1", header)]


def test_numbers_are_stopped_whether_or_not_we_have_them(bring):
    known = OwnerPhoneFactory(phone=PhoneNumberFactory(number=OURS))

    done = bring("phone", "225-344-1234", "(504) 344-1234")

    assert (done["rows_created"], done["numbers"]) == (2, {"new": 1, "known": 1, "stopped_before": 0})
    assert in_force(OURS) == in_force(THEIRS) == ["national_dnc"]
    assert active_reasons(known.phone, known.owner) == ["national_dnc"]
    assert PhoneNumber.objects.count() == 1  # the number that we do not have is kept as a hash alone
    stop = Suppression.objects.of_number(blind_index(THEIRS)).get()
    assert (stop.list_import_id, stop.evidence) == (done["list_import"], f"List “dnc.csv” ({done['list_import']})")
    assert Suppression.history.filter(history_type="+").count() == 2
    assert Event.objects.get(kind="NumberStopped").owner == known.owner


@pytest.mark.parametrize(
    ("source", "reason"), [("do_not_call", "national_dnc"), ("state_dnc", "state_dnc"), ("litigator", "litigator")]
)
def test_the_kind_of_list_is_the_reason(bring, source, reason):
    bring("phone", "225-344-1234", source=source)

    assert in_force(OURS) == [reason]


def test_a_column_says_the_kind_of_each_row(bring):
    done = bring(
        "phone,list type", "225-344-0001,Litigator", "225-344-0002,State DNC", "225-344-0003,Federal DNC",
        "225-344-0004,", "225-344-0005,company internal", "225-344-0006,what is this",
    )  # fmt: skip

    assert [in_force(f"+122534400{n:02}") for n in range(1, 7)] == [
        ["litigator"], ["state_dnc"], ["national_dnc"], ["national_dnc"], ["manual"], ["national_dnc"],
    ]  # fmt: skip
    assert done["reasons"] == [
        {"outcome": "partial", "reason": "Kind of entry: no kind of do-not-call entry", "count": 1}
    ]


def test_every_number_of_a_row_is_stopped_however_it_is_written(bring):
    bring(
        "phone 1,phone 2", '"225-344-0001, DNC",225-344-0002 x12', "2253440003 / 225.344.0004,(225) 555-0100",
    )  # fmt: skip

    numbers = ["+12253440001", "+12253440002", "+12253440003", "+12253440004", "+12255550100"]
    assert all(in_force(number) for number in numbers)
    assert Suppression.objects.count() == 5


def test_an_area_code_in_a_column_of_its_own_is_put_before_the_number(bring):
    bring("area code,number", "225,3441234", "504.0,344-1234")

    assert in_force(OURS) == in_force(THEIRS) == ["national_dnc"]


def test_a_row_that_says_no_stops_nothing_and_an_unclear_one_does(bring):
    done = bring("phone,dnc", "225-344-1234,N", "504-344-1234,?", "225-344-0001,yes")

    assert in_force(OURS) == []
    assert in_force(THEIRS) == ["national_dnc"]
    assert {each["reason"] for each in done["reasons"]} == {"the row says that the number is not on the list"}


@pytest.mark.parametrize(
    ("cell", "reason"), [("", "no telephone number"), ("12345", "phone: not a telephone number"), ("none", None)]
)
def test_a_row_without_a_number_is_rejected_with_the_reason(bring, cell, reason):
    done = bring("phone,name", "225-344-1234,DOE", f"{cell},DOE")

    assert (done["rows_created"], done["rows_rejected"]) == (1, 1)
    assert done["reasons"][0]["reason"] == (reason or "no telephone number")
    assert Suppression.objects.count() == 1


def test_a_list_adds_a_stop_beside_an_opt_out_that_start_may_lift(bring):
    phone = PhoneNumberFactory(number=OURS)
    opt_out(phone, evidence="STOP")

    done = bring("phone", "225-344-1234")
    opt_in_again(phone, evidence="START")

    assert done["numbers"] == {"new": 0, "known": 0, "stopped_before": 1}
    assert in_force(OURS) == ["national_dnc"]


def test_the_same_list_again_stops_nothing_new(bring):
    bring("phone", "225-344-1234")
    again = bring("phone", "225-344-1234", "225-344-1234", name="again.csv")

    assert (again["rows_created"], again["rows_unchanged"]) == (0, 2)
    assert again["numbers"] == {"new": 0, "known": 0, "stopped_before": 1}
    assert Suppression.objects.count() == 1


def test_texts_that_wait_for_such_a_number_are_cancelled_at_once(bring):
    phone, other = PhoneNumberFactory(number=OURS), PhoneNumberFactory()
    waiting, spared = (
        MessageFactory(phone=each, direction="out", origin="campaign", state="queued", body="Hi")
        for each in (phone, other)
    )

    bring("phone", "225-344-1234")

    assert Message.objects.get(pk=waiting.pk).state == "cancelled"
    assert Message.objects.get(pk=waiting.pk).error == "The number is on a do-not-call list."
    assert Message.objects.get(pk=spared.pk).state == "queued"


def test_a_call_that_waits_for_such_a_number_is_cancelled_too(bring):
    lead, phone = LeadFactory(), PhoneNumberFactory(number=OURS)
    task = CallTask.objects.create(lead=lead, owner=lead.owner, phone=phone, reason="First call", due_at=timezone.now())

    bring("phone", "225-344-1234")

    task.refresh_from_db()
    assert (task.outcome, task.note) == ("cancelled", "The number is on a do-not-call list.")
    assert task.done_at is not None


def test_no_number_is_stored_in_clear(bring):
    from django.db import connection

    bring("phone", "225-344-1234")

    with connection.cursor() as cursor:
        for table in ("leads_listednumber", "outreach_suppression", "leads_importrow", "leads_event"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE to_jsonb(t)::text LIKE '%3441234%'")
            assert cursor.fetchone() == (0,)


# A worker that is killed --------------------------------------------------------------------------------------------


def test_a_list_goes_on_after_the_last_chunk_without_a_second_copy(market):
    rows = "".join(f"225-344-{n:04}\n" for n in range(10))
    draft = ListImport(market=market, source="do_not_call", filename="d.csv", status="queued",
                       mapping={"phone_1": "phone"})  # fmt: skip
    draft.file.save("d.csv", ContentFile(f"phone\n{rows}".encode()))

    class KilledError(Exception):
        pass

    def die(read, total):
        raise KilledError

    with pytest.raises(KilledError):
        run_import(draft.pk, progress=die, chunk_rows=4)
    assert Suppression.objects.count() == 4
    ListImport.objects.filter(pk=draft.pk).update(heartbeat_at=None, status="queued")

    done = run_import(draft.pk, chunk_rows=4)

    assert (done.status, done.rows_created, Suppression.objects.count()) == ("done", 10, 10)
    assert ListedNumber.objects.count() == 10


# Undo ---------------------------------------------------------------------------------------------------------------


def test_undone_a_list_lifts_what_rests_on_it_alone(bring):
    link = OwnerPhoneFactory(phone=PhoneNumberFactory(number=OURS))
    done = bring("phone", "225-344-1234", "504-344-1234")

    person = undo(done)

    assert in_force(OURS) == in_force(THEIRS) == []
    lifted = Suppression.objects.lifted().first()
    assert (lifted.lifted_by, lifted.lift_reason) == (
        person,
        "List “dnc.csv” undone: The seller sent us the wrong file.",
    )
    assert Event.objects.get(kind="OptOutLifted").owner == link.owner
    assert not ListedNumber.objects.exists()
    assert kept(done) == {}


def test_what_another_list_names_stays_stopped_and_is_listed(bring):
    first = bring("phone", "225-344-1234", "504-344-1234", name="first.csv")
    second = bring("phone", "225-344-1234", name="second.csv")

    undo(first)

    assert (in_force(OURS), in_force(THEIRS)) == (["national_dnc"], [])
    assert kept(first) == {2: f"still stopped: List “second.csv” ({second['list_import']}) names it too"}
    undo(second)
    assert in_force(OURS) == []


def test_a_second_list_undone_leaves_the_first_ones_stop(bring):
    bring("phone", "225-344-1234", name="first.csv")
    second = bring("phone", "225-344-1234", name="second.csv")

    undo(second)

    assert in_force(OURS) == ["national_dnc"]


def test_what_somebody_has_confirmed_since_stays_stopped(bring):
    done = bring("phone", "225-344-1234", source="litigator")
    suppress_number(blind_index(OURS), "litigator", evidence="Letter of their lawyer")

    undo(done)

    assert in_force(OURS) == ["litigator"]
    assert kept(done) == {2: "still stopped: confirmed by somebody since"}


def test_an_opt_out_outlives_every_list(bring):
    phone = PhoneNumberFactory(number=OURS)
    done = bring("phone", "225-344-1234")
    opt_out(phone, evidence="STOP")

    undo(done)

    assert in_force(OURS) == ["opt_out"]


@pytest.mark.parametrize(("by", "reason", "code"), [(False, "wrong file", "no_person"), (True, "  ", "no_reason")])
def test_nobody_undoes_it_without_a_name_and_a_reason(bring, by, reason, code):
    list_import = ListImport.objects.get(pk=bring("phone", "225-344-1234")["list_import"])

    result = request_undo(list_import, by=UserFactory() if by else None, reason=reason)

    assert result.code == code
    assert ListImport.objects.get().status == "done"
    assert in_force(OURS) == ["national_dnc"]


def test_on_the_terminal_too_a_person_answers_for_it(bring):
    from django.contrib.auth.models import Group

    done = bring("phone", "225-344-1234")
    rep, manager = UserFactory(username="rep"), UserFactory(username="manager")
    rep.groups.add(Group.objects.get(name="rep"))
    manager.groups.add(Group.objects.get(name="manager"))

    with pytest.raises(CommandError, match="say who answers for that"):
        call_command("undo_list", done["list_import"])
    with pytest.raises(CommandError, match="“rep” is nobody who may undo lists"):
        call_command("undo_list", done["list_import"], by="rep", reason="wrong file")
    assert in_force(OURS) == ["national_dnc"]

    call_command("undo_list", done["list_import"], by="manager", reason="wrong file", stdout=StringIO())
    assert in_force(OURS) == []


def test_only_lists_of_numbers_do_without_a_parish(market):
    for source in ListImport.OF_NUMBERS:
        ListImport.objects.create(market=market, source=source)
    with pytest.raises(IntegrityError, match="import_of_land_has_parish"), transaction.atomic():
        ListImport.objects.create(market=market, source="sales")
