"""What each library adds to a cold start, on top of a boto3 DynamoDB client: `python benchmarks/imports.py`.

Every case is a fresh interpreter; the cases take turns, so that a noisy machine is noisy for all. What is not installed
(pydantic is not among Rekey's requirements) is left out.
"""

import statistics
import subprocess
import sys

ROUNDS = 9
CLIENT = "import boto3; boto3.client('dynamodb', region_name='eu-west-1')"
CASES = {
    "client alone": "",
    "powertools logger": "from aws_lambda_powertools.logging import Logger; Logger(service='x')",
    "powertools metrics": "from aws_lambda_powertools.metrics import single_metric",
    "powertools resolver": "from aws_lambda_powertools.event_handler import APIGatewayHttpResolver as R; R()",
    "resolver, validating": (
        "from aws_lambda_powertools.event_handler import APIGatewayHttpResolver as R; R(enable_validation=True)"
    ),
    "pydantic": "import pydantic; pydantic.BaseModel",
    "msgspec": "import msgspec",
    "httptools": "import httptools",
    "argon2": "import argon2",
    "pyotp": "import pyotp",
    "segno": "import segno",
    "zxcvbn_rs_py": "import zxcvbn_rs_py",
}


def seconds(case: str) -> float:
    """What the case takes once the client is there; for the client alone, what that takes."""
    work = f"{CLIENT}; begin = time.perf_counter(); {CASES[case]}" if CASES[case] else CLIENT
    code = f"import time; begin = time.perf_counter(); {work}\nprint(time.perf_counter() - begin)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else float("nan")


def main() -> None:
    times: dict[str, list[float]] = {case: [] for case in CASES}
    for _ in range(ROUNDS):
        for case in CASES:
            times[case].append(seconds(case))
    client = statistics.median(times["client alone"])
    for case, measured in times.items():
        added = statistics.median(measured)
        print(f"{case:22} {added * 1000:7.1f} ms  {added / client:5.2f} x the client alone")


if __name__ == "__main__":
    main()
