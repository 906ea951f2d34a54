"""How often a webhook is tried: Twilio's connection overrides, which its address carries in the fragment.

`rc` is the number of retries (at most 5), `rp` after which failures: `ct` no connection, `rt` no answer, `4xx`, `5xx`,
or `all`. Without them a connection that fails is tried once more. All tries together have 15 seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urldefrag

ALL_SECONDS = 15.0
MOST_RETRIES = 5
FAILURES = frozenset({"ct", "rt", "4xx", "5xx"})


@dataclass(frozen=True)
class RetryPolicy:
    retries: int = 1
    after: frozenset[str] = frozenset({"ct"})

    @classmethod
    def of(cls, url: str) -> RetryPolicy:
        options = parse_qs(urldefrag(url).fragment)
        policies = frozenset(",".join(options.get("rp", ["ct"])).split(","))
        wanted = options.get("rc", ["1"])[-1]
        retries = min(int(wanted), MOST_RETRIES) if wanted.isdecimal() else 1
        return cls(retries, FAILURES if "all" in policies else policies & FAILURES)

    def delay(self, failure: str, tries: int, first_delay: float, passed: float) -> float | None:
        """Seconds until the next try, each twice as long as the one before; None when there is none."""
        seconds: float = first_delay * 2 ** (tries - 1)
        allowed = failure in self.after and tries <= self.retries and passed + seconds < ALL_SECONDS
        return seconds if allowed else None
