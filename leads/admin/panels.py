"""Parts of the lead page that rooms above this one contribute; `config` names them, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from leads.models import Lead


@dataclass(frozen=True)
class Panel:
    template: str
    context: Callable[[HttpRequest, Lead], dict[str, Any]]


_panels: list[Panel] = []


def add_panel(panel: Panel) -> None:
    _panels.append(panel)


def render_panels(request: HttpRequest, lead: Lead) -> list[str]:
    return [render_to_string(panel.template, panel.context(request, lead), request) for panel in _panels]
