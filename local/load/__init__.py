"""How fast the sending and the webhooks are, beside the least that the same engines could do: a task that does nothing,
and a view that only checks the signature.

`make load`, or `python -m local.load --messages 1000 --seconds 5 --json`.
"""
