"""What dies when: drawn from the seed, so that a seed kills the same things in the same order."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from local.chaos.stage import Stage

ONCE_EACH = ("worker", "broker", "postgres", "worker child")
OFTEN = ("worker", "worker", "worker child", "broker", "postgres", "web", "beat")


@dataclass
class Havoc:
    """`pause`: seconds between two acts, from least to most."""

    stage: Stage
    seed: int
    acts: int
    pause: tuple[float, float]
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._plan = self._random.sample(ONCE_EACH, len(ONCE_EACH))[: self.acts]
        self._plan += self._random.choices(OFTEN, k=self.acts - len(self._plan))
        self._next = time.monotonic() + self._draw_pause()

    @property
    def is_over(self) -> bool:
        return not self._plan

    def strike_if_due(self) -> None:
        if self._plan and time.monotonic() >= self._next:
            act = self._plan.pop(0)
            ACTS[act](self)
            self.done[act] += 1
            self._next = time.monotonic() + self._draw_pause()

    def _draw_pause(self) -> float:
        return self._random.uniform(*self.pause)

    def _lie_down(self) -> None:
        """How long what died stays dead."""
        time.sleep(self._random.uniform(0, 1))

    def _restart(self, name: str) -> None:
        self.stage.kill(name)
        self._lie_down()
        self.stage.start(name)

    def kill_worker(self) -> None:
        self._restart(self._random.choice(("worker-1", "worker-2")))

    def kill_child(self) -> None:
        self.stage.kill_child(self._random.choice(("worker-1", "worker-2")))

    def kill_broker(self) -> None:
        self.stage.valkey.crash()
        self._lie_down()
        self.stage.valkey.start()

    def kill_postgres(self) -> None:
        self.stage.postgres.crash()
        self._lie_down()
        self.stage.postgres.start()

    def kill_web(self) -> None:
        self._restart("web")

    def kill_beat(self) -> None:
        self._restart("beat")


ACTS: dict[str, Callable[[Havoc], None]] = {
    "worker": Havoc.kill_worker,
    "worker child": Havoc.kill_child,
    "broker": Havoc.kill_broker,
    "postgres": Havoc.kill_postgres,
    "web": Havoc.kill_web,
    "beat": Havoc.kill_beat,
}
