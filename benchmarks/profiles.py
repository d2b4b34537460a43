"""Where the time of a flow goes, by component: cProfile's own time of every function, added up by where it stands.

What stands in no component (built-ins, the standard library) counts for whoever calls it. cProfile makes calls dearer
than they are, Python's more than C's: read the shares, not the milliseconds.
"""

from __future__ import annotations

import cProfile
import os
import pstats
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks import flows, stage

RUNS = 100
_DEPTH = 12  # callers asked in turn whose the time of a built-in is
WAITING, HASHING, OURS = "waiting for an answer", "hashing", "the benchmark itself"
SENDING = "sending, which on one machine wakes the receiver"
# The first whose words are in `file:function` it is.
COMPONENTS = (
    ("'recv'", WAITING),
    ("'sendall'", SENDING),
    ("argon2", HASHING),
    ("common/rekey/aws/store", "rekey: store"),
    ("common/rekey/aws/transport", "rekey: transport"),
    ("common/rekey/aws/answers", "rekey: transport"),
    ("common/rekey/", "rekey"),
    ("/functions/", "rekey"),
    ("aws_lambda_powertools/", "powertools and logging"),
    ("/logging/", "powertools and logging"),
    ("botocore/endpoint_provider", "botocore: endpoint rules"),
    ("botocore/regions", "botocore: endpoint rules"),
    ("botocore/auth", "botocore: signing"),
    ("botocore/signers", "botocore: signing"),
    ("botocore/credentials", "botocore: signing"),
    ("botocore/validate", "botocore: validating"),
    ("botocore/serialize", "botocore: serialising"),
    ("botocore/parsers", "botocore: parsing"),
    ("botocore/hooks", "botocore: hooks and handlers"),
    ("botocore/handlers", "botocore: hooks and handlers"),
    ("botocore/retr", "botocore: retries"),
    ("botocore/useragent", "botocore: user agent"),
    ("botocore/httpsession", "botocore: requests and sessions"),
    ("botocore/awsrequest", "botocore: requests and sessions"),
    ("botocore/", "botocore: the rest"),
    ("urllib3/", "urllib3"),
    ("/http/", "http.client, with its parsing of headers"),
    ("/email/", "http.client, with its parsing of headers"),
    ("/concurrent/", "threads"),
    ("benchmarks/", OURS),
)
Function = tuple[str, int, str]


def of_flow(name: str) -> str:
    """The table of a flow, against DynamoDB Local."""
    profile = cProfile.Profile()
    with (
        stage.engine() as endpoint,
        Path(os.devnull).open("w", buffering=1) as log,
        stage.staged(endpoint, log) as stack,
        mock.patch.object(ThreadPoolExecutor, "submit", _at_once),
    ):
        flows.run_block(stack, name, RUNS // 4)
        stack.profile = profile
        flows.run_block(stack, name, RUNS)
    return _table(name, by_component(pstats.Stats(profile)))


def _at_once(_pool: ThreadPoolExecutor, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
    """In this thread: cProfile takes the stacks of two for one."""
    done: Future[Any] = Future()
    done.set_result(work(*arguments))
    return done


def by_component(stats: Any) -> Counter[str]:
    """Seconds by component."""
    found: Counter[str] = Counter()
    for function, (_, _, own, _, _) in stats.stats.items():
        for component, share in _shares(stats.stats, function, _DEPTH).items():
            found[component] += own * share
    return found


def _shares(stats: dict[Function, Any], function: Function, depth: int) -> Counter[str]:
    """Whose the time of a function is: its own component's, or its callers', each for the time it had of it."""
    component = _component(function)
    callers = stats[function][4]
    whole = sum(taken[2] for taken in callers.values())
    if component or not whole or not depth:
        return Counter({component or "the rest": 1.0})
    shares: Any = Counter()  # of fractions
    for caller, taken in callers.items():
        for owner, share in _shares(stats, caller, depth - 1).items():
            shares[owner] += share * taken[2] / whole
    return shares  # type: ignore[no-any-return]


def _component(function: Function) -> str:
    text = f"{function[0]}:{function[2]}"
    return next((component for words, component in COMPONENTS if words in text), "")


def _table(name: str, found: Counter[str]) -> str:
    apart = {WAITING, SENDING, HASHING, OURS}
    whole = sum(taken for component, taken in found.items() if component not in apart)
    lines = [f"{name}, {RUNS} invocations profiled: share of the CPU beyond hashes, and milliseconds as profiled"]
    for component, taken in found.most_common():
        share = "" if component in apart else f"{taken / whole:.1%}"
        lines.append(f"{component:50}{share:>8}{taken / RUNS * 1000:9.2f}")
    return "\n".join(lines)
