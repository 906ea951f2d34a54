"""The call list: what is to be called, and what came of it."""
