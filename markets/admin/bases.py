"""What the pages of this room share: records that stay, and forms that only narrow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest

from core.admin import RecordAdmin

WIDEN = "markets.widen_consent"


class KeptAdmin(RecordAdmin):
    """Records that others refer to: switched off or ended, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NarrowingForm(forms.ModelForm):
    """Refuses to allow more contact than before for a person who may not; `request` is set by the admin."""

    request: HttpRequest

    def widened(self) -> Iterable[str]:
        """In words, each thing that the changed record allows and the stored one does not."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook: the record carries the new values, checked
        if self.errors or self.request.user.has_perm(WIDEN):
            return
        if new := list(self.widened()):
            self.add_error(None, f"This would allow more than before: {'; '.join(new)}. An administrator may.")


class NarrowingAdmin(KeptAdmin):
    asks_why = True
    form = NarrowingForm

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"request": request})
