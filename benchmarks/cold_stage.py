"""The embedded AWS behind a function that is measured: its demo account is as new before each event."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local import aws, demo_account
from local.server import Received, Sent
from local.template import Template, load_template
from rekey.aws import sdk

Item = dict[str, Any]


class Stage:
    """moto in a thread of this process. It counts the calls that it answers."""

    def __init__(self) -> None:
        self.template: Template = load_template({"LinkOrigin": "https://app.example.com"})
        self.calls = 0
        self._server = aws.make_server()
        self._answer = self._server.answering
        self._server.answering = self._count
        self._rows: dict[str, dict[str, Item]] = {}

    def start(self) -> None:
        aws.point_at(self._server.port)
        self._server.start()
        aws.create_resources(self.template)
        demo_account.seed(self.template)
        self._rows = {table["TableName"]: _rows(table["TableName"]) for table in self.template.tables()}

    def restore(self) -> None:
        """What an event has spent or left behind is as it was, so that the next start finds the same."""
        for table, kept in self._rows.items():
            found = _rows(table)
            for key in found.keys() - kept.keys():
                row = found[key]
                sdk.dynamodb().delete_item(TableName=table, Key={"pk": row["pk"], "sk": row["sk"]})
            for key, row in kept.items():
                if found.get(key) != row:
                    sdk.dynamodb().put_item(TableName=table, Item=row)

    def stop(self) -> None:
        self._server.stop()

    def _count(self, received: Received) -> Sent:
        self.calls += 1
        return self._answer(received)


@contextmanager
def staged() -> Iterator[Stage]:
    stage = Stage()
    stage.start()
    try:
        yield stage
    finally:
        stage.stop()


def aws_environment() -> dict[str, str]:
    """The way to the embedded AWS, as a function's environment has it."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")} | {"PATH": os.environ["PATH"]}


def _rows(table: str) -> dict[str, Item]:
    rows = sdk.dynamodb().scan(TableName=table)["Items"]  # a page is far more than there are
    return {f"{row['pk']['S']} {row['sk']['S']}": row for row in rows}
