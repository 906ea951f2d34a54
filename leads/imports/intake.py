"""Taking a list in: the file is looked at, stored, given its mapping and queued; and what people may do with it."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from core.results import Result
from core.waking import wake_on_commit
from leads.imports.detection import check_mapping
from leads.imports.errors import ListError
from leads.imports.files import ListFile, size_text
from leads.imports.preview import ListSample, sample_list
from leads.imports.rows import Place
from leads.imports.sources import PLANS
from leads.models import ListImport, MappingProfile
from markets.models import Market, Parish

if TYPE_CHECKING:
    from core.models import User

Status = ListImport.Status


@dataclass(frozen=True)
class Target:
    """What a list is said to be."""

    market: Market
    parish: Parish | None
    """None for a list of telephone numbers."""
    source: str

    @property
    def place(self) -> Place:
        return Place(self.parish.pk, self.parish.name) if self.parish else Place(0, self.market.name)


def find_target(market_code: str, parish_name: str, source: str) -> Target:
    """ListError names what is known, or the parishes that are spelled nearly so. A list of telephone numbers takes no
    parish; one that is named all the same is left aside."""
    market = Market.objects.by_code(market_code)
    if market is None:
        raise ListError(f"unknown market “{market_code}”; known are {', '.join(Market.objects.codes())}")
    if source in ListImport.OF_NUMBERS:
        return Target(market, None, source)
    parish = _find_parish(market, parish_name)
    if source not in PLANS:
        raise ListError(f"unknown source “{source}”; known are {', '.join(PLANS)}")
    return Target(market, parish, source)


def _find_parish(market: Market, name: str) -> Parish:
    if not name.strip():
        raise ListError("a list of land needs the name of its parish")
    parish = Parish.objects.named(market, name)
    if parish is None:
        names = Parish.objects.names_in(market)
        near = difflib.get_close_matches(name, names, 3, 0.4) or names[:10]
        raise ListError(f"{market} has no parish “{name}”; did you mean {' or '.join(near)}?")
    return parish


def refuse_oversize(name: str, size: int) -> None:
    if size > settings.IMPORT_MAX_BYTES:
        message = f"is {size_text(size)}; at most {size_text(settings.IMPORT_MAX_BYTES)} may be imported"
        raise ListError(message, file=name)


def receive_list(target: Target, file: File[bytes], name: str, *, by: User | None) -> tuple[ListImport, ListSample]:
    """Stores the file (of a workbook the CSV made from it) and a draft with the detected mapping. ListError, and
    nothing stored, if it is no list."""
    refuse_oversize(name, file.size)
    list_file = ListFile(name, lambda: _reopened(file))
    sample = sample_list(list_file)
    profile = MappingProfile.objects.known(target.market, target.source, sample.header)
    list_import = ListImport(
        market=target.market,
        parish=target.parish,
        source=target.source,
        filename=name[:255],
        sha256=_digest(file),
        size=file.size,
        encoding=sample.layout.encoding,
        delimiter=sample.layout.delimiter,
        sheet=list_file.workbook.told if list_file.workbook else "",
        mapping=profile.mapping if profile else sample.guess(PLANS[target.source]),
        mapping_profile=profile,
        created_by=by,
    )
    _store(list_import, list_file, file)
    if profile:
        MappingProfile.objects.note_use(profile, timezone.now())
    return list_import, sample


def _store(list_import: ListImport, list_file: ListFile, file: File[bytes]) -> None:
    if list_file.workbook:
        with list_file.workbook.path.open("rb") as converted:
            list_import.file.save(f"{list_file.name[-96:]}.csv", File(converted), save=True)
        return
    file.seek(0)
    list_import.file.save(list_file.name[-100:], file, save=True)


def queue_import(
    list_import: ListImport, sample: ListSample, mapping: Mapping[str, str], *, by: User | None = None
) -> None:
    """Gives a draft its mapping and lets a worker have it; a person's mapping is saved for the next list with these
    columns. ListError, and nothing changed, for an unfit mapping or if somebody has started or discarded it meanwhile.
    """
    checked = check_mapping(PLANS[list_import.source], sample.header, mapping, file=sample.file)
    with transaction.atomic():
        current = ListImport.objects.locked(list_import.pk)
        if current.status != Status.DRAFT:
            raise ListError(f"is {current.get_status_display().lower()} already", file=list_import.filename)
        list_import.mapping = checked
        list_import.status = Status.QUEUED
        list_import.save(update_fields=["mapping", "status"])
        if by:
            market, source = list_import.market, list_import.source
            MappingProfile.objects.remember(market, source, sample.header, checked, by=by, now=timezone.now())
        _wake()


def cancel_import(list_import: ListImport, *, by: User | None) -> Result[ListImport]:
    """Stops it before its next chunk; what is imported stays. Declines with `not_possible`."""
    return _move(list_import, (Status.DRAFT, Status.QUEUED, Status.RUNNING), Status.CANCELLED, by)


def retry_import(list_import: ListImport, *, by: User | None, here: bool = False) -> Result[ListImport]:
    """Goes on after the last row that was stored. Declines with `not_possible`. `here`: the caller runs it right away,
    so no worker is asked to."""
    return _move(list_import, (Status.FAILED, Status.CANCELLED), Status.QUEUED, by, here)


def _move(
    list_import: ListImport,
    allowed: tuple[ListImport.Status, ...],
    to: ListImport.Status,
    by: User | None,
    here: bool = False,
) -> Result[ListImport]:
    with transaction.atomic():
        current = ListImport.objects.locked(list_import.pk)
        if current.status not in allowed:
            return Result.declined("not_possible", f"The import is {current.get_status_display().lower()}.")
        current.status = to
        current.attempts = 0
        current._history_user = by
        current.save(update_fields=["status", "attempts"])
        if to == Status.QUEUED and not here:
            _wake()
    return Result.ok(current)


def _wake() -> None:
    from leads.tasks import resume_list_imports

    wake_on_commit(resume_list_imports)


class _Reopened(File):
    """A view of an uploaded file that closing leaves open: it is read several times."""

    def close(self) -> None:
        pass


def _reopened(file: File[bytes]) -> _Reopened:
    file.seek(0)
    return _Reopened(file.file, file.name)  # a File without a name is false, and zipfile takes it for closed


def _digest(file: File[bytes]) -> str:
    digest = hashlib.sha256()
    for block in file.chunks():
        digest.update(block)
    return digest.hexdigest()
