"""`make demo`: the main job without a browser, on any list, with an account of every row and every message at the end."""
