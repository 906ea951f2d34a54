"""Which room takes up what a kind of list brings. Sales become comps, listed numbers are stopped."""

from __future__ import annotations

from leads.imports.followers import Follower, follow_lists
from leads.models import ListImport
from outreach.listed_numbers import give_listed_back, stop_listed
from scoring.listed_sales import give_sales_back, take_sales


def follow() -> None:
    follow_lists(ListImport.Source.SALES, Follower(take_sales, give_sales_back))
    for source in ListImport.OF_NUMBERS:
        follow_lists(source, Follower(stop_listed, give_listed_back))
