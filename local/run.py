"""`make run`: everything that template.yaml declares, on http://localhost:3000, with moto as the embedded AWS."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import aws, demo_clients, schedule, simulator
from local.gateway import Gateway
from local.lambdas import Lambdas
from local.pages import LocalPages, sign_up_command
from local.queues import QueueMapping
from local.server import Server
from local.stream import StreamMapping
from local.template import ParameterError, Template, load_template

PORT = 3000
_ENDING = {signal.SIGINT, signal.SIGTERM}


class StartError(Exception):
    """Why the instance cannot start, in words for whoever started it."""


def main() -> int:
    # Blocked in every thread, and waited for at the end: no signal can cut through a write or a lock.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        Instance().run()
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


class Instance:
    """The parts, in the order they need each other."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        parameters = read_parameters(os.environ.get("PARAMETERS", ""))
        self._server = _listening("PORT", lambda: Server("127.0.0.1", int(os.environ.get("PORT") or PORT)))
        self._origin = f"http://localhost:{self._server.port}"
        self._template = _load(parameters, self._origin)
        self._aws = _listening("AWS_PORT", aws.make_server)

    def run(self) -> None:
        """Serve until a signal ends it."""
        self._aws.start()
        try:
            self._deploy()
            self._server.start()
            self._announce()
            signal.sigwait(_ENDING)
        finally:
            self._stop()

    def _deploy(self) -> None:
        aws.point_at(self._aws.port)
        try:
            kept = aws.create_resources(self._template)
        except (BotoCoreError, ClientError) as error:  # only DynamoDB can be somewhere else
            raise StartError(f"AWS_ENDPOINT_URL_DYNAMODB: {error}") from None
        os.environ |= self._template.environment()
        os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "WARNING")
        os.environ.setdefault("POWERTOOLS_METRICS_DISABLED", "true")
        demo_clients.seed()
        lambdas = Lambdas(self._template, self._stopping)
        for name, properties in lambdas.properties.items():
            for event in properties.get("Events", {}).values():
                self._subscribe(name, event["Type"], event["Properties"], lambdas, kept)
        pages = LocalPages(self._origin, {**aws.outputs(self._template), "ApiUrl": self._origin})
        self._server.answering = Gateway(self._template, lambdas, pages.answer).answer

    def _subscribe(self, function: str, kind: str, source: dict[str, Any], lambdas: Lambdas, kept: set[str]) -> None:
        if kind == "DynamoDB":
            mapping = StreamMapping(function, source, self._template, lambdas.invoke)
            if mapping.table in kept:
                mapping.skip()
                print("Tables kept. The key is new: what an earlier run encrypted for two-factor sign-in is lost.")
            self._begin(mapping.run, self._stopping)
        elif kind == "SQS":
            self._begin(QueueMapping(function, source, self._template, lambdas.invoke).run, self._stopping)
        elif kind == "SNS":
            self._begin(simulator.run, function, lambdas, self._stopping)
        elif kind == "ScheduleV2" and source["State"] == "ENABLED":
            seconds = schedule.parse_rate(source["ScheduleExpression"])
            if seconds is None:
                print(f"{function} does not run here: of schedules, only rate(…) is carried out on this machine.")
            else:
                self._begin(schedule.run, function, seconds, lambdas, self._stopping)

    def _begin(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments)
        thread.start()
        self._threads.append(thread)

    def _announce(self) -> None:
        print(f"""Rekey runs on {self._origin}
  start   {self._origin}/_local/
  inbox   {self._origin}/_local/inbox
  API     {self._origin}/_local/api
Sign up, then follow the link in the inbox:
  {sign_up_command(self._origin)}
The whole story: make demo. To stop: Ctrl-C.
""", flush=True)  # fmt: skip

    def _stop(self) -> None:
        """First what calls AWS, then AWS."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._server.stop()
        self._aws.stop()


def read_parameters(text: str) -> dict[str, str]:
    """`Key=Value Key2="Value 2"`, as `sam deploy --parameter-overrides` takes them. Raises StartError."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise StartError(f"PARAMETERS: {error}") from None
    pairs = [word.partition("=") for word in words]
    for name, equals, _ in pairs:
        if not equals:
            raise StartError(f"PARAMETERS: {name} has no value; write Key=Value")
    return {name: value for name, _, value in pairs}


def _load(parameters: dict[str, str], origin: str) -> Template:
    """Mailed links lead to this instance, unless they are told to lead elsewhere."""
    try:
        return load_template({**parameters, "LinkOrigin": parameters.get("LinkOrigin") or origin})
    except ParameterError as error:
        raise StartError(f"PARAMETERS: {error}") from None


def _listening(variable: str, make: Callable[[], Server]) -> Server:
    port = os.environ.get(variable) or PORT
    try:
        return make()
    except (ValueError, OverflowError):
        raise StartError(f"{variable}: {port} is not a port") from None
    except OSError as error:
        raise StartError(f"{variable}: cannot listen on port {port}: {error.strerror}; choose another") from None


if __name__ == "__main__":
    sys.exit(main())
