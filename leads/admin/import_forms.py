"""The forms of “Import a list”: which list it is, and which of its columns is what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import cached_property

from leads.imports.errors import ListError
from leads.imports.fields import ListField
from leads.imports.files import size_text
from leads.imports.intake import Target, refuse_oversize
from leads.models import ListImport
from markets.models import Market, Parish

_WHOLE_MARKET = "market-"
INPUT = (
    "border border-base-200 bg-white font-medium min-w-20 rounded-default shadow-xs text-font-default-light text-sm"
    " focus:outline-2 focus:-outline-offset-2 focus:outline-primary-600 dark:bg-base-900 dark:border-base-700"
    " dark:text-font-default-dark dark:scheme-dark px-3 py-2 w-full"
)


class UploadForm(forms.Form):
    parish = forms.ChoiceField(
        label="Parish or county", help_text="Lists of numbers need none: they are stopped in every market."
    )
    source = forms.ChoiceField(label="Kind of list", choices=ListImport.Source.choices)
    file = forms.FileField(
        label="File",
        help_text="CSV, Excel workbook (.xlsx) or GeoJSON, zipped or not. At most {limit}.",
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parish"].choices = [("", "—"), *parishes_by_market()]  # type: ignore[attr-defined]
        self.fields["file"].help_text = self.fields["file"].help_text.format(limit=size_text(settings.IMPORT_MAX_BYTES))
        for field in self.fields.values():
            field.widget.attrs["class"] = INPUT

    @cached_property
    def target(self) -> Target:
        """A choice is a parish, or a market for a list that is of no parish."""
        source, chosen = self.cleaned_data["source"], self.cleaned_data["parish"]
        if chosen.startswith(_WHOLE_MARKET):
            return Target(Market.objects.get(pk=chosen.removeprefix(_WHOLE_MARKET)), None, source)
        parish = Parish.objects.select_related("market").get(pk=chosen)
        return Target(parish.market, None if source in ListImport.OF_NUMBERS else parish, source)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        of_market = str(cleaned.get("parish", "")).startswith(_WHOLE_MARKET)
        if of_market and cleaned.get("source") not in ListImport.OF_NUMBERS:
            self.add_error("parish", "A list of land is of one parish: choose it.")
        return cleaned

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            refuse_oversize(file.name, file.size)
        except ListError as error:
            raise forms.ValidationError(str(error)) from None
        return file


class MappingForm(forms.Form):
    """A select of the file's columns for each field of the plan."""

    def __init__(self, fields: tuple[ListField, ...], header: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "—"), *((column, column) for column in header)]
        for field in fields:
            select = forms.Select(attrs={"class": INPUT})
            self.fields[field.name] = forms.ChoiceField(
                label=field.label, choices=choices, required=False, widget=select
            )

    @property
    def mapping(self) -> dict[str, str]:
        return {name: column for name, column in self.cleaned_data.items() if column}


def parishes_by_market() -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for parish in Parish.objects.select_related("market").order_by("market__name", "name"):
        whole = (f"{_WHOLE_MARKET}{parish.market_id}", f"{parish.market}: no parish, a list of numbers")
        groups.setdefault(parish.market.name, [whole]).append((str(parish.pk), parish.name))
    return list(groups.items())
