"""Set-based SQL of a chunk of a sales list: what each row tells, and which of them say who owns the parcel now.

Who owns it and since when the last sale is follow from the statements for every list; here the rows that are not to
have a say in that are silenced first.
"""

# ruff: noqa: S608  - only names of our own columns are put into these statements

from __future__ import annotations

from leads.imports.rows import STAGED

ROLLS_LAG_YEARS = 3
"""A roll may name the former owner for so long after a sale. Where no date of a sale is known, an earlier one says
nothing against the owner that we have."""

_SILENCED = ", ".join(f"{name} = NULL" for name in STAGED if name != "number")
# Of parcels whose last sale is known a later one counts; one of the same day is the same.
SILENCE = f"""
WITH known AS (
    SELECT pl.line, p.last_sale_on,
           (SELECT min(w.since)::date FROM leads_ownership w
            WHERE w.parcel_id = p.id AND w.until IS NULL) AS owned_since
    FROM placed pl JOIN leads_parcel p ON p.id = pl.parcel_id),
earlier AS (
    SELECT s.line, COALESCE(s.last_sale_on < k.last_sale_on, true) AS told
    FROM staged s JOIN known k USING (line)
    WHERE s.last_sale_on <= k.last_sale_on
       OR (k.last_sale_on IS NULL AND s.last_sale_on < k.owned_since - interval '{ROLLS_LAG_YEARS} years')),
silenced AS (UPDATE staged s SET {_SILENCED} FROM earlier e WHERE e.line = s.line)
SELECT line FROM earlier WHERE told ORDER BY line
"""
EARLIER = "we know of a later sale, or of an owner for longer; the owner stays"
RECORD = """
WITH told AS (
    SELECT x.*, pl.parcel_id FROM staged_sales x JOIN placed pl USING (line)),
noted AS (
    INSERT INTO touched
    SELECT DISTINCT ON (parcel_id, sold_on, price) line, 'updated' FROM told t
    WHERE NOT EXISTS (SELECT 1 FROM leads_listedsale k WHERE k.parcel_id = t.parcel_id AND k.sold_on = t.sold_on
                      AND k.price IS NOT DISTINCT FROM t.price)
    ORDER BY parcel_id, sold_on, price, line)
INSERT INTO leads_listedsale (list_import_id, line, parcel_id, sold_on, price, is_comparable, buyer, seller, instrument)
SELECT %(list_import)s, line, parcel_id, sold_on, price, is_comparable, buyer, seller, instrument FROM told
"""
