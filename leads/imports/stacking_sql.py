"""Set-based SQL of a chunk for list stacking: which lists each parcel is on, since when, and when last.

One statement per chunk over `placed`. A parcel's first day on a list never moves; the same list again moves the last,
and keeps the one before it in `earlier`, so that any of them can be undone.
"""

from __future__ import annotations

STACK = """
INSERT INTO leads_parcellist (parcel_id, source, first_seen, last_seen, list_import_id)
SELECT DISTINCT parcel_id, %(source)s::text, %(now)s::timestamptz, %(now)s::timestamptz, %(list_import)s::bigint
FROM placed
ON CONFLICT (parcel_id, source) DO UPDATE
SET last_seen = EXCLUDED.last_seen, list_import_id = EXCLUDED.list_import_id,
    earlier = COALESCE(leads_parcellist.earlier, '[]') || jsonb_build_array(jsonb_build_object(
        'list', leads_parcellist.list_import_id, 'seen', leads_parcellist.last_seen))
WHERE leads_parcellist.list_import_id <> EXCLUDED.list_import_id
"""
# For a list that is undone. Before `earlier` was kept a parcel that several lists of a kind had named stays on it.
UNSTACK = (
    """
DELETE FROM leads_parcellist
WHERE list_import_id = %(list_import)s AND first_seen = last_seen AND COALESCE(earlier, '[]') = '[]'
""",
    """
UPDATE leads_parcellist
SET list_import_id = (earlier -> -1 ->> 'list')::bigint, last_seen = (earlier -> -1 ->> 'seen')::timestamptz,
    earlier = NULLIF(earlier - -1, '[]')
WHERE list_import_id = %(list_import)s AND jsonb_array_length(earlier) > 0
""",
    """
UPDATE leads_parcellist p
SET earlier = left_over.earlier, first_seen = LEAST(left_over.first_seen, p.last_seen)
FROM (SELECT q.parcel_id, q.source,
             jsonb_agg(e.one ORDER BY e.n) FILTER (WHERE e.one ->> 'list' <> %(list)s) AS earlier,
             CASE WHEN q.earlier -> 0 ->> 'list' <> %(list)s OR (q.earlier -> 0 ->> 'seen')::timestamptz <> q.first_seen
                  THEN q.first_seen
                  ELSE (q.earlier -> 1 ->> 'seen')::timestamptz END AS first_seen
      FROM leads_parcellist q, jsonb_array_elements(q.earlier) WITH ORDINALITY AS e(one, n)
      WHERE q.earlier @> jsonb_build_array(jsonb_build_object('list', %(list_import)s::bigint))
      GROUP BY q.parcel_id, q.source) left_over
WHERE p.parcel_id = left_over.parcel_id AND p.source = left_over.source
""",
)
