"""What a score is made of, as it is stored: one text per factor, “absentee 15/15 Owner gets mail in TX”.

A list's worth of leads is written with these. As JSON they took twice the room, and most of the time of scoring.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScoreReason:
    factor: str
    points: int
    max: int
    reason: str

    def __str__(self) -> str:
        return f"{self.factor} {self.points}/{self.max} {self.reason}"

    @classmethod
    def read(cls, stored: str) -> ScoreReason:
        factor, points, reason = stored.split(" ", 2)
        given, most = points.split("/")
        return cls(factor, int(given), int(most), reason)
