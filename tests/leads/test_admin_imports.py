"""The list-import pages: upload, columns, preview, progress, result; who may; no number in clear."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from leads.imports.runner import run_import
from leads.imports.undo import request_undo, run_undo
from leads.models import ImportRow, Lead, ListImport, OwnerPhone, Parcel
from leads.pipeline import move_lead
from tests.factories import ParcelFactory, ParishFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:leads_listimport_changelist")
ADD = reverse("admin:leads_listimport_add")
HEADER = "PIN,Owner Name,Phone 1,Deeded Acres,Remarks"
ROWS = ("001,BOUDREAUX JEAN,225-344-1234,2.5,wet", "002,HEBERT ANN,,1.5,", ",NO NUMBER,,3,")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def parish():
    return ParishFactory(market__code="LA", market__name="Louisiana", name="East Baton Rouge")


def upload(client, parish, rows=ROWS, header=HEADER):
    content = "".join(f"{row}\n" for row in (header, *rows)).encode()
    data = {"parish": parish.pk, "source": "tax_roll", "file": SimpleUploadedFile("roll.csv", content)}
    return client.post(ADD, data)


def step(name, list_import):
    return reverse(f"admin:leads_listimport_{name}", args=[list_import.pk])


def columns(**chosen):
    return {"number": "PIN", "owner_name": "Owner Name", "acres": "Deeded Acres", "phone_1": "Phone 1"} | chosen


def test_a_list_goes_from_upload_to_result(client, person, parish):
    user = person("manager")

    to_mapping = upload(client, parish)
    draft = ListImport.objects.get()
    assert (draft.status, draft.created_by) == ("draft", user)
    assert to_mapping.headers["Location"] == step("mapping", draft)

    page = client.get(step("mapping", draft)).content.decode()
    assert "BOUDREAUX JEAN" in page
    assert "Not used: Remarks" in page
    assert "no parcel number" in page
    assert not Parcel.objects.exists()

    started = client.post(step("mapping", draft), columns(start="1"))
    assert started.headers["Location"] == step("change", draft)
    assert client.get(step("progress", draft)).json()["label"] == "Queued"

    run_import(draft.pk)
    progress = client.get(step("progress", draft)).json()
    assert {name: progress[name] for name in ("finished", "read", "total", "percent", "created", "rejected")} == {
        "finished": True,
        "read": 3,
        "total": 3,
        "percent": 100,
        "created": 2,
        "rejected": 1,
    }
    result = client.get(step("change", draft)).content.decode()
    assert "no parcel number" in result
    assert "Download the rejected rows" in result


def test_the_preview_follows_a_corrected_column(client, person, parish):
    person("manager")
    upload(client, parish)
    draft = ListImport.objects.get()

    page = client.post(step("mapping", draft), columns(acres="", preview="1")).content.decode()

    assert "Not used: Deeded Acres, Remarks" in page
    assert ListImport.objects.get().status == "draft"


@pytest.mark.parametrize(
    ("chosen", "said"),
    [({"owner_name": "PIN"}, "is used twice, for"), ({"number": ""}, "no parcel number column was found")],
)
def test_a_wrong_mapping_is_said_and_nothing_starts(client, person, parish, chosen, said):
    person("manager")
    upload(client, parish)
    draft = ListImport.objects.get()

    page = client.post(step("mapping", draft), columns(**chosen, start="1")).content.decode()

    assert said in page
    assert ListImport.objects.get().status == "draft"


def test_no_page_shows_a_number_in_clear(client, person, parish):
    person("manager")
    upload(client, parish)
    draft = ListImport.objects.get()

    for url in (step("mapping", draft), step("change", draft), LIST):
        assert "344-1234" not in client.get(url, follow=True).content.decode()


def test_a_cancelled_import_goes_on_where_it_stopped(client, person, parish):
    person("manager")
    upload(client, parish)
    draft = ListImport.objects.get()
    client.post(step("mapping", draft), columns(start="1"))

    client.post(step("cancel", draft))
    assert run_import(draft.pk) is None
    assert not Parcel.objects.exists()

    client.post(step("retry", draft))
    run_import(draft.pk)
    assert Parcel.objects.count() == 2


def test_a_finished_import_can_neither_be_cancelled_nor_retried(client, person, parish):
    person("manager")
    upload(client, parish)
    draft = ListImport.objects.get()
    client.post(step("mapping", draft), columns(start="1"))
    run_import(draft.pk)

    for name in ("cancel", "retry"):
        response = client.post(step(name, draft), follow=True)
        assert "The import is done." in [str(message) for message in response.context["messages"]]
    assert ListImport.objects.get().status == "done"


def test_a_rep_looks_and_imports_nothing(client, person, parish):
    person("manager")
    upload(client, parish)
    draft = ListImport.objects.get()
    person("rep")

    assert client.get(LIST).status_code == 200
    assert client.get(step("change", draft)).status_code == 200
    assert upload(client, parish).status_code == 403
    for name in ("mapping", "cancel", "retry", "rejected"):
        assert client.post(step(name, draft)).status_code == 403
    assert ListImport.objects.count() == 1


def test_a_person_without_a_role_sees_nothing(client, person, parish):
    person("manager")
    upload(client, parish)
    client.force_login(UserFactory())

    assert client.get(LIST).status_code == 403
    assert client.get(step("progress", ListImport.objects.get())).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_rows(
    client, person, warmed, parish, count, django_assert_num_queries
):
    person("manager")
    for _ in range(count):
        upload(client, parish)
    warmed(LIST)

    with django_assert_num_queries(7):
        client.get(LIST)


# undo


def imported(client, parish):
    upload(client, parish)
    draft = ListImport.objects.latest("id")
    client.post(step("mapping", draft), columns(start="1"))
    run_import(draft.pk)
    return ListImport.objects.get(pk=draft.pk)


def test_a_list_is_undone_from_its_page_and_what_stays_is_listed(client, person, parish):
    user = person("manager")
    done = imported(client, parish)
    parcel = Parcel.objects.get(number="001")
    parcel.ward = "7"
    parcel._history_user = user
    parcel.save()
    assert "Undo this list" in client.get(step("change", done)).content.decode()

    question = client.get(step("undo", done)).content.decode()
    assert "2 rows created something" in question
    assert ListImport.objects.get().status == "done"

    assert client.post(step("undo", done)).headers["Location"] == step("change", done)
    assert client.get(step("progress", done)).json()["label"] == "Being undone"
    run_undo(done.pk)

    page = client.get(step("change", done)).content.decode()
    assert "1 row could not be taken back entirely" in page
    assert "its parcel is still in use" in page
    assert "Undo this list" not in page
    assert list(Parcel.objects.all()) == [parcel]


def test_the_question_tells_how_much_goes_and_how_much_stays(client, person, parish):
    user = person("manager")
    done = imported(client, parish)
    move_lead(Lead.objects.get(parcel__number="001"), "engaged", by=UserFactory(is_superuser=True), reason="reply")

    told = client.get(step("undo", done)).context["brought"]

    assert [(what, count) for what, count, _ in told] == [
        ("Parcels that were not known", 2),
        ("Leads opened", 1),
        ("Leads opened and taken up by the team", 1),
        ("Telephone numbers given to owners", OwnerPhone.objects.count()),
    ]
    assert request_undo(done, by=user)
    run_undo(done.pk)
    assert Lead.objects.count() == Parcel.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_question_takes_the_same_queries_for_any_number_of_rows(
    client, person, parish, warmed, django_assert_num_queries, rows
):
    person("manager")
    done = imported(client, parish)
    for line in range(10, 10 + rows):
        ImportRow.objects.create(list_import=done, line=line, outcome="created", parcel=ParcelFactory(parish=parish))
    warmed(step("undo", done))
    with django_assert_num_queries(9):
        client.get(step("undo", done))


def test_all_that_stayed_is_downloaded(client, person, parish):
    person("manager")
    done = imported(client, parish)
    parcel = ParcelFactory(parish=parish, number="=1+1")
    ImportRow.objects.create(list_import=done, line=2, outcome="kept", reason="used since", parcel=parcel)

    lines = client.get(step("kept", done)).getvalue().decode().splitlines()
    assert lines == ["\ufeffline,parcel,left as it is", "2,'=1+1,used since"]

    client.logout()
    person("rep")
    assert client.get(step("kept", done)).status_code == 403


def test_a_list_without_changes_or_undone_before_says_so(client, person, parish):
    person("manager")
    done = imported(client, parish)
    client.post(step("undo", done))
    run_undo(done.pk)

    assert (
        "Everything the list had brought or changed is as it was" in client.get(step("change", done)).content.decode()
    )
    again = client.post(step("undo", done), follow=True).content.decode()
    assert "The import is undone." in again


def test_only_who_may_import_may_undo(client, person, parish):
    person("manager")
    done = imported(client, parish)
    client.logout()

    person("rep")
    assert client.post(step("undo", done)).status_code == 403
    assert "Undo this list" not in client.get(step("change", done)).content.decode()
    assert ListImport.objects.get().status == "done"


@pytest.mark.parametrize("kept", [1, 3])
def test_the_undone_page_takes_the_same_queries_for_any_number_of_rows(
    client, person, parish, warmed, django_assert_num_queries, kept
):
    person("manager")
    done = imported(client, parish)
    client.post(step("undo", done))
    run_undo(done.pk)
    for line in range(kept):
        ImportRow.objects.create(
            list_import=done, line=line, outcome="kept", reason="used since", parcel=ParcelFactory(parish=parish)
        )
    page = step("change", done)
    warmed(page)
    with django_assert_num_queries(9):
        client.get(page)
