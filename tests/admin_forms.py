"""What a browser would post back from an admin form as it is."""

from __future__ import annotations

from typing import Any


def form_values(response: Any) -> dict[str, Any]:
    admin_form = response.context["adminform"].form
    values = _values(admin_form, "")
    for inline in response.context.get("inline_admin_formsets", ()):
        management = inline.formset.management_form
        values |= {management.add_prefix(name): management[name].value() for name in management.fields}
        for form in inline.formset.forms:
            values |= _values(form, form.prefix)
    return values


def _values(form: Any, prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in form.fields:
        bound = form[name]
        widgets = bound.subwidgets if hasattr(bound.field.widget, "widgets") else []
        value = bound.value()
        if widgets:
            parts = bound.field.widget.decompress(value)
            found |= {f"{bound.html_name}_{number}": part or "" for number, part in enumerate(parts)}
        elif value not in (None, False):
            found[bound.html_name] = "on" if value is True else value
    return found
