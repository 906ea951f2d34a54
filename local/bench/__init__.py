"""`make bench`: how fast the product is beside what the database can do at all and beside its rivals, in one run."""
