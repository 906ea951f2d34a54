"""Set-based SQL of a chunk for list stacking: which lists each parcel is on, since when, and when last.

One statement per chunk over `placed`. A parcel's first day on a list never moves; the same list again moves the last.
"""

from __future__ import annotations

STACK = """
INSERT INTO leads_parcellist (parcel_id, source, first_seen, last_seen, list_import_id)
SELECT DISTINCT parcel_id, %(source)s::text, %(now)s::timestamptz, %(now)s::timestamptz, %(list_import)s::bigint
FROM placed
ON CONFLICT (parcel_id, source) DO UPDATE
SET last_seen = EXCLUDED.last_seen, list_import_id = EXCLUDED.list_import_id
WHERE leads_parcellist.list_import_id <> EXCLUDED.list_import_id
"""
UNSTACK = """
DELETE FROM leads_parcellist WHERE list_import_id = %(list_import)s AND first_seen = last_seen
"""
"""For a list that is undone: parcels that no list of its kind had named before are on it no more."""
