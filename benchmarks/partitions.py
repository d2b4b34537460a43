"""Sign-ins over DynamoDB's partitions: which key is hottest, whom an attack slows. `python -m benchmarks.partitions`.

Each request touches the rows that the flows themselves touch (benchmarks/touches.py); what a partition makes of that is
in benchmarks/heat.py.
"""

from __future__ import annotations

import random
from itertools import groupby
from typing import Any

from benchmarks import heat, quotas, touches
from benchmarks.heat import Key
from benchmarks.quotas import RATES, WITH_TOTP
from benchmarks.touches import Flow
from rekey.accounts import addresses

PEOPLE = 1_000  # accounts for each sign-in a second: everybody signs in once in 17 minutes, as on a Monday at nine
SKEW = 0.6  # of Zipf's law: some sign in far more often than others
SAMPLES, WINDOW = 100_000, 20  # so many sign-ins are drawn, or those of so many seconds, and weighed to the rate
SEED = 3
ATTACK = 10_000  # guesses a second
NAT = 100  # sign-ins a second from one client address: 100,000 people behind one

Person = dict[str, str]


Load = dict[str, list[Key]]  # of each table


def person(number: int) -> Person:
    digest = addresses.email_digest(f"person{number}@example.com")
    return {"account": f"{number:028x}", "address": digest, "client": f"client{number}"}


def draw(people: int, samples: int) -> list[Person]:
    """Who signs in: the n-th busiest with a weight of n to the power of -SKEW."""
    chance, steep = random.Random(SEED), 1 - SKEW
    return [person(int((1 + chance.random() * (people**steep - 1)) ** (1 / steep))) for _ in range(samples)]


def asked(*requests: tuple[Flow, list[Person], float], honest: bool = True) -> Load:
    """What requests ask of the tables: each a flow, who goes through it, and how many do in a second."""
    found: dict[str, dict[str, Key]] = {}
    for flow, people, rate in requests:
        each = rate / len(people)
        for touch in flow.touches:
            keys = found.setdefault(touch.table, {})
            for who in people:
                pk = touch.pk.format(**who)
                if not (key := keys.get(pk)):
                    key = keys[pk] = Key(touch.pk, heat.place(pk), honest)
                key.writes += touch.writes * each
                key.reads += touch.reads * each
    return {table: [*keys.values()] for table, keys in found.items()}


def healthy(flows: dict[str, Flow], rate: int) -> Load:
    people = draw(PEOPLE * rate, min(SAMPLES, WINDOW * rate))
    with_totp = int(len(people) * WITH_TOTP)
    protected, others = people[:with_totp], people[with_totp:]
    of_protected = [(flows[step], protected, rate * WITH_TOTP) for step in ("challenge", "code")]
    return asked((flows["sign-in"], others, rate * (1 - WITH_TOTP)), *of_protected)


def added(flows: dict[str, Flow]) -> dict[str, Load]:
    """What comes on top. Where it is not one client or one address, all clients and all addresses are different."""
    crowd = [person(-number) for number in range(1, ATTACK + 1)]
    victim, client = {"address": crowd[0]["address"]}, {"client": crowd[0]["client"]}
    one_address = (flows["guess, locked"], [who | victim for who in crowd], ATTACK)
    one_client = (flows["guess, client refused"], [who | client for who in crowd], ATTACK)
    return {
        "nothing else": {},
        "100 more, one client": asked((flows["sign-in"], [who | client for who in crowd[:NAT]], NAT)),
        "10,000 guesses, one address": asked(one_address, honest=False),
        "10,000 guesses, one client": asked(one_client, honest=False),
        "10,000 guesses, unknown addresses": asked((flows["guess, unknown"], crowd, ATTACK), honest=False),
    }


def measure() -> dict[str, Any]:
    flows = touches.record()
    on_top, rows = added(flows), []
    for rate in RATES:
        base = healthy(flows, rate)
        for traffic, more in on_top.items():
            for table in sorted(base):
                rows.append({"rate": rate, "traffic": traffic, "table": table})
                rows[-1] |= heat.judge(base[table] + more.get(table, []))
    return {"partitions": rows, "quotas": quotas.needs(flows, rows)}


_COLUMNS = ["sign-ins/s", "and", "table", "writes/s", "reads/s", "hottest key", "of its limit", "partitions"]
_COLUMNS += ["the hottest", "refused: new table", "grown", "split"]
_SHARES = ("hottest_key_heat", "hottest_partition_heat", "refused_new", "refused_grown", "refused_split")


def tables(measured: dict[str, Any]) -> str:
    """Of the tables, that whose key is hottest."""
    lines = [f"| {' | '.join(_COLUMNS)} |", f"|{'---|' * len(_COLUMNS)}"]
    for _, each in groupby(measured["partitions"], lambda row: (row["rate"], row["traffic"])):
        row = max(each, key=lambda row: row["hottest_key_heat"])
        key_heat, partition_heat, *shares = (f"{row[name]:.1%}" for name in _SHARES)
        cells = [f"{row['rate']:,}", row["traffic"], row["table"].removesuffix("Table")]
        cells += [f"{row['writes']:,}", f"{row['reads']:,}", f"`{row['hottest_key']}`", key_heat]
        cells += [f"{row['partitions']:,}", partition_heat, *shares]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", quotas.table(measured["quotas"])])


if __name__ == "__main__":
    print(tables(measure()))
