"""Believable East Baton Rouge lists, the same for the same seed, with the dirt that real lists have."""

from local.demo_data.files import KINDS, DemoFiles, write_demo_files
from local.demo_data.gis import geojson_lines, gis_features
from local.demo_data.skip_trace import SKIP_TRACE_HEADER, skip_trace_rows
from local.demo_data.tax_lists import ADJUDICATED_HEADER, DELINQUENT_HEADER, adjudicated_rows, delinquent_rows
from local.demo_data.tax_roll import TAX_ROLL_HEADER, livingston_tax_roll_rows, tax_roll_row, tax_roll_rows

__all__ = [
    "ADJUDICATED_HEADER",
    "DELINQUENT_HEADER",
    "KINDS",
    "SKIP_TRACE_HEADER",
    "TAX_ROLL_HEADER",
    "DemoFiles",
    "adjudicated_rows",
    "delinquent_rows",
    "geojson_lines",
    "gis_features",
    "livingston_tax_roll_rows",
    "skip_trace_rows",
    "tax_roll_row",
    "tax_roll_rows",
    "write_demo_files",
]
