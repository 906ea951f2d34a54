"""Lists as files, and running them the way an operator does."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command

if TYPE_CHECKING:
    from markets.models import Market, Parish

HEADER = "parcel_number,owner_name,mailing_address,mailing_city,mailing_state,mailing_zip,phone,acreage,land_value"
Import = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def market(db) -> Market:
    from tests.factories import MarketFactory

    return MarketFactory(code="LA", name="Louisiana")


@pytest.fixture
def parish(market) -> Parish:
    from tests.factories import ParishFactory

    return ParishFactory(market=market, name="East Baton Rouge")


@pytest.fixture
def import_list(parish) -> Import:
    """Imports a file and returns the command's JSON."""

    def run(path: Path | str, **options: Any) -> dict[str, Any]:
        out = StringIO()
        target = {"market": "LA", "parish": "East Baton Rouge", "source": "tax_roll"}
        call_command("import_list", str(path), json=True, stdout=out, **target | options)
        result: dict[str, Any] = json.loads(out.getvalue())
        return result

    return run


@pytest.fixture
def a_list(tmp_path) -> Callable[..., Path]:
    """A file of these rows under the usual header."""

    def write(*rows: str, header: str = HEADER, name: str = "roll.csv", encoding: str = "utf-8") -> Path:
        path: Path = tmp_path / name
        path.write_bytes("".join(f"{row}\n" for row in (header, *rows)).encode(encoding))
        return path

    return write
