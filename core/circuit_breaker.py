"""A circuit breaker that all processes share: its state lives in Redis, and every step is one atomic script.

closed: calls pass, outcomes are counted · open: nothing passes until the cool-down is over · half open: one probe
passes; its success closes the breaker, its failure opens it again. Without Redis nothing passes: RedisError is raised.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any

import redis
from django.conf import settings

REDIS_TIMEOUT = 2.0

# KEYS: state, successes, failures. Times are seconds; successes and failures are sorted sets of outcomes by time.
_ALLOW = """
local now, cool_down, keep = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local opened = tonumber(redis.call('HGET', KEYS[1], 'opened'))
if not opened then return 1 end
local probe = tonumber(redis.call('HGET', KEYS[1], 'probe'))
if now < (probe or opened) + cool_down then return 0 end
redis.call('HSET', KEYS[1], 'probe', ARGV[1])
redis.call('EXPIRE', KEYS[1], keep)
return 1
"""
_RECORD = """
local now, started, succeeded = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local window, minimum, rate, keep, member = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7], ARGV[8]
if redis.call('HEXISTS', KEYS[1], 'opened') == 1 then
  local probe = tonumber(redis.call('HGET', KEYS[1], 'probe'))
  if not probe or started < probe then return '' end
  if succeeded then
    redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
    return 'closed'
  end
  redis.call('HDEL', KEYS[1], 'probe')
  redis.call('HSET', KEYS[1], 'opened', ARGV[1])
  redis.call('EXPIRE', KEYS[1], keep)
  return 'open'
end
local counted = succeeded and KEYS[2] or KEYS[3]
redis.call('ZADD', counted, ARGV[1], member)
redis.call('EXPIRE', counted, keep)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - window)
local failures = redis.call('ZCARD', KEYS[3])
local total = failures + redis.call('ZCARD', KEYS[2])
if total < minimum or failures < rate * total then return '' end
redis.call('HSET', KEYS[1], 'opened', ARGV[1])
redis.call('EXPIRE', KEYS[1], keep)
redis.call('DEL', KEYS[2], KEYS[3])
return 'open'
"""


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class BreakerRules:
    """Opens when at least `minimum` outcomes of the last `window` seconds failed at `failure_rate` (0-1) or above."""

    failure_rate: float = 0.5
    minimum: int = 20
    window: float = 300.0
    cool_down: float = 60.0
    """Seconds until the first probe, and after which a probe that never reported is replaced by another."""

    @property
    def keep(self) -> int:
        """Seconds after which an untouched breaker is forgotten, that is closed: a day beyond its longest step."""
        return int(self.window + self.cool_down) + 86_400


DEFAULT_RULES = BreakerRules()


class CircuitBreaker:
    def __init__(
        self,
        name: str,
        rules: BreakerRules = DEFAULT_RULES,
        *,
        client: redis.Redis | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.rules = rules
        self._given_client = client
        self._clock = clock
        # Braces keep the keys of one breaker on one node of a cluster.
        self._keys = [f"breaker:{{{name}}}:{part}" for part in ("state", "successes", "failures")]

    def allow(self) -> bool:
        """Whether a call may be made now. After the cool-down exactly one caller gets the probe; it must `record`."""
        return bool(self._run(_ALLOW, self._now(), self.rules.cool_down, self.rules.keep))

    def record(self, succeeded: bool, *, started: float | None = None) -> BreakerState | None:
        """Counts an outcome and returns the state it changed the breaker to, None when it changed nothing: of all
        processes exactly one sees each change, and may raise the alarm.

        `started` is when the call was made (default: now): calls from before the probe do not decide about it.
        """
        rules, now = self.rules, self._now()
        limits = (rules.window, rules.minimum, rules.failure_rate, rules.keep)
        began = now if started is None else repr(started)
        changed = self._run(_RECORD, now, began, int(succeeded), *limits, uuid.uuid4().hex)
        return BreakerState(changed.decode()) if changed else None

    def state(self) -> BreakerState:
        opened, probe = self._client.hmget(self._keys[0], ["opened", "probe"])
        if opened is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if probe is None else BreakerState.HALF_OPEN

    def trip(self) -> None:
        """Opens it at once, for errors that need no statistics; it then cools down and probes as usual."""
        pipeline = self._client.pipeline(transaction=True)
        pipeline.delete(*self._keys)
        pipeline.hset(self._keys[0], "opened", self._now())
        pipeline.expire(self._keys[0], self.rules.keep)
        pipeline.execute()

    def reset(self) -> None:
        """Closes it and forgets its outcomes."""
        self._client.delete(*self._keys)

    def _now(self) -> str:
        return repr(self._clock())

    def _run(self, script: str, *arguments: Any) -> Any:
        return self._client.register_script(script)(keys=self._keys, args=arguments)

    @cached_property
    def _client(self) -> redis.Redis:
        return self._given_client or shared_client(settings.REDIS_URL)


@lru_cache(maxsize=4)
def shared_client(url: str) -> redis.Redis:
    """The process's connection pool to this server, with time-outs, which the library does not set by itself."""
    return redis.Redis.from_url(url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT)
