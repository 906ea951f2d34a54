"""`make demo`: the main job without a browser, on any list, ending with an account of every row and every message."""
