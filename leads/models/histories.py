from __future__ import annotations

from typing import Any

from simple_history.models import HistoricalRecords


class ListedRecords(HistoricalRecords):
    """History of what lists write by the hundred thousand: found by record, and, where people wrote it, by them (an
    index of those rows alone, in the migration that brought this class). Nobody asks by date, and each further index
    would be written for every row of a list."""

    _date_indexing = False

    def _get_history_user_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super()._get_history_user_fields()
        fields["history_user"].db_index = False
        return fields
