"""DynamoDB's partitions: what each is asked for, and whom it refuses.

A partition key is hashed to its place in the range of all. A partition, and so a row, takes 1,000 units of writing and
3,000 of reading a second; one that is asked for more is split in two, again and again, down to a single key. What is
above that is refused: the SDK asks again, and then it is a 503, with nothing half done.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

WRITES, READS = 1_000, 3_000  # units a second that a partition takes
NEW_TABLE = 4  # partitions of one: 4,000 writes a second, 12,000 reads
HEADROOM = 2  # on demand, a table keeps room for twice the most it has seen


@dataclass
class Key:
    """A partition key, its place in the range of hashes (0 to 1), and the units it is asked for in a second."""

    name: str
    place: float
    honest: bool
    writes: float = 0
    reads: float = 0


def place(pk: str) -> float:
    return int.from_bytes(hashlib.md5(pk.encode()).digest()[:8], "big") / 2**64


def heat(keys: Iterable[Key]) -> float:
    """What a partition of these keys is asked for, as a multiple of what it can give."""
    writes = reads = 0.0
    for key in keys:
        writes, reads = writes + key.writes, reads + key.reads
    return max(writes / WRITES, reads / READS)


def parts(keys: list[Key], count: int) -> list[list[Key]]:
    """The keys over so many partitions of equal range."""
    partitions: list[list[Key]] = [[] for _ in range(count)]
    for key in keys:
        partitions[int(key.place * count)].append(key)
    return partitions


def split(keys: list[Key]) -> list[list[Key]]:
    """Split for heat: halved in the order of places until no half is too hot, or holds no more than one key."""
    if len(keys) <= 1 or heat(keys) <= 1:
        return [keys]
    ordered = sorted(keys, key=lambda key: key.place)
    middle = len(ordered) // 2
    return split(ordered[:middle]) + split(ordered[middle:])


def refused(partitions: list[list[Key]]) -> float:
    """The share of honest users' units that overloaded partitions refuse."""
    honest = [(heat(keys), sum(key.writes + key.reads for key in keys if key.honest)) for keys in partitions]
    return sum(units * (1 - 1 / hot) for hot, units in honest if hot > 1) / sum(units for _, units in honest)


def judge(keys: list[Key]) -> dict[str, Any]:
    """What becomes of a table's load: on a new table, on one grown with its users, and once that has split for heat."""
    hottest = max(keys, key=lambda key: heat([key]))
    of_users = heat(key for key in keys if key.honest)
    grown = parts(keys, max(NEW_TABLE, math.ceil(HEADROOM * of_users)))
    return {
        "writes": round(sum(key.writes for key in keys)),
        "reads": round(sum(key.reads for key in keys)),
        "partitions": len(grown),
        "hottest_key": hottest.name,
        "hottest_key_heat": heat([hottest]),
        "hottest_partition_heat": max(map(heat, grown)),
        "refused_new": refused(parts(keys, NEW_TABLE)),
        "refused_grown": refused(grown),
        "refused_split": refused([half for partition in grown for half in split(partition)]),
    }
