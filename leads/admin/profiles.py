"""Saved mappings: which column is which field for lists that have been here before."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from core.admin import RecordAdmin, SelectWidget, display
from leads.imports.detection import check_mapping
from leads.imports.errors import ListError
from leads.imports.sources import PLANS
from leads.models import MappingProfile

_COLUMN_OF = "column_of_"


class ProfileForm(forms.ModelForm):
    """A select of the list's columns for each field; the selects are added by `profile_form`."""

    class Meta:
        model = MappingProfile
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, column in self.instance.mapping.items():
            if _COLUMN_OF + field in self.fields:
                self.fields[_COLUMN_OF + field].initial = column

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = {
            name.removeprefix(_COLUMN_OF): column for name, column in cleaned.items() if name.startswith(_COLUMN_OF)
        }
        try:
            self.instance.mapping = check_mapping(
                PLANS[self.instance.source], self.instance.header, chosen, file="This mapping"
            )
        except ListError as error:
            raise ValidationError(str(error)) from None
        return cleaned


def profile_form(profile: MappingProfile) -> type[ProfileForm]:
    choices = [("", "—"), *((column, column) for column in profile.header)]
    plan = PLANS[profile.source]
    fields = {
        _COLUMN_OF + field.name: forms.ChoiceField(
            label=field.label, choices=choices, required=field.name in plan.required, widget=SelectWidget
        )
        for field in plan.fields
    }
    return type("ProfileForm", (ProfileForm,), fields)


@admin.register(MappingProfile)
class MappingProfileAdmin(RecordAdmin):
    list_display = ("source", "market", "columns", "used", "last_used", "saved")
    list_filter = ("source",)
    readonly_fields = ("market", "source", "saved")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MappingProfile]:
        profiles: QuerySet[MappingProfile] = MappingProfile.objects.for_list()
        return profiles

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A mapping is saved when a person starts an import."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            kwargs["form"] = profile_form(obj)
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        names = [_COLUMN_OF + field.name for field in PLANS[obj.source].fields] if obj else []
        if obj is None or not self.has_change_permission(request, obj):
            return [(None, {"fields": [*self.readonly_fields, "mapped"]})]
        described = {"fields": names, "description": "Which column of the list each field is read from."}
        return [(None, {"fields": self.readonly_fields}), ("Columns", described)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "mapped")

    def save_model(self, request: HttpRequest, obj: MappingProfile, form: Any, change: bool) -> None:
        obj.saved_by, obj.saved_at = request.user, timezone.now()  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    @display(description="Columns of the list")
    def columns(self, profile: MappingProfile) -> str:
        shown = ", ".join(profile.header[:4])
        return f"{shown} and {len(profile.header) - 4} more" if len(profile.header) > 4 else shown

    @display(description="Lists read with it", ordering="uses")
    def used(self, profile: MappingProfile) -> str:
        return f"{profile.uses:,}"

    @display(description="Last used", ordering="last_used_at", empty_value="never")
    def last_used(self, profile: MappingProfile) -> str | None:
        return f"{timezone.localtime(profile.last_used_at):%b %-d, %Y}" if profile.last_used_at else None

    @display(description="Saved", ordering="saved_at")
    def saved(self, profile: MappingProfile) -> str:
        return f"{profile.saved_on}{f' by {profile.saved_by}' if profile.saved_by else ''}"

    @display(description="Fields and their columns")
    def mapped(self, profile: MappingProfile) -> str:
        plan = PLANS[profile.source]
        return "; ".join(
            f"{field.label}: {profile.mapping[field.name]}" for field in plan.fields if field.name in profile.mapping
        )
