"""`rekey-admin export`: every account, with its hash, in a file that the import of another Rekey takes."""

from __future__ import annotations

import argparse
import base64
import json
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TextIO

from rekey import clock
from rekey.accounts.attributes import COPIED
from rekey.aws.store import Row, from_item
from rekey.credentials import totp
from rekey.credentials.passwords import NO_PASSWORD
from rekey.settings import settings
from rekey_admin.errors import CommandError, UsageError
from rekey_admin.incoming import GUIDE
from rekey_admin.tables import Pool, create_private, open_tables
from rekey_admin.target import THREADS, Target
from rekey_admin.terminal import Terminal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Export:
    """One run: a segment of the table a thread, and one file for all."""

    def __init__(self, dynamodb: DynamoDBClient, file: TextIO, pool: Pool, *, with_totp: bool) -> None:
        self.count = 0
        self._dynamodb = dynamodb
        self._file = file
        self._pool = pool
        self._with_totp = with_totp
        self._lock = Lock()

    def write_segment(self, segment: int) -> None:
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=settings().accounts_table,
            Segment=segment,
            TotalSegments=THREADS,
            FilterExpression="sk = :account",
            ExpressionAttributeValues={":account": {"S": "account"}},
        )
        for page in pages:
            if self._pool.stopped.is_set():
                return
            lines = [json.dumps(self._outgoing(from_item(item)), ensure_ascii=False) + "\n" for item in page["Items"]]
            with self._lock:
                self._file.writelines(lines)
                self.count += len(lines)

    def _outgoing(self, account: Row) -> dict[str, Any]:
        """The columns of an import; what is not so is left out. That two-factor sign-in is on is never left out."""
        # The address is proven, or there is neither password nor second factor that another could have set.
        row: dict[str, Any] = {"email": account["email"], "email_verified": True, "account_id": account["account_id"]}
        if account["password_hash"] != NO_PASSWORD:
            row["password_hash"] = account["password_hash"]
        row |= {name: account[name] for name in COPIED if name in account}
        row["created_at"] = clock.iso(account["created_at"])
        if "disabled_at" in account:
            row["disabled"] = True
        if "totp_required" in account:
            row["totp_required"] = True
        if "totp_secret" in account:
            row["totp_enabled"] = True
            if self._with_totp:
                secret = totp.decrypt_secret(account["account_id"], account["totp_secret"])
                row["totp_secret"] = base64.b32encode(secret).decode().rstrip("=")
        return row


def add_to(add_command: Any) -> None:
    """Name the command on the command line."""
    told = f"export all accounts with their password hashes, as JSON lines ({GUIDE})"
    parser: argparse.ArgumentParser = add_command("export", help=told, description=told)
    parser.add_argument("file", type=Path, help="what to write; it must not be there yet")
    parser.add_argument("--with-totp", action="store_true", help="with the secrets of two-factor sign-in, in plain")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    """Written under another name until it is whole, readable by its owner alone."""
    if options.file.exists():
        raise UsageError(f"{options.file} is there already")
    admin = open_tables(target)
    what = "hashes and TOTP secrets" if options.with_totp else "hashes"
    terminal.confirm(f"Export all accounts of {settings().accounts_table}, with their {what}, as {admin}?")
    part = options.file.with_name(f"{options.file.name}.part")
    part.unlink(missing_ok=True)
    try:
        with create_private(part) as file:
            count = _write(target.dynamodb(), file, terminal, with_totp=options.with_totp)
        part.rename(options.file)
    except OSError as error:
        raise CommandError(str(error)) from None
    finally:
        part.unlink(missing_ok=True)
    terminal.show({"accounts": count, "file": str(options.file)}, f"Exported {count:,} accounts.")


def _write(dynamodb: DynamoDBClient, file: TextIO, terminal: Terminal, *, with_totp: bool) -> int:
    with Pool() as pool, terminal.progress() as progress:
        bar = progress.add_task("Exporting", total=None)
        work = Export(dynamodb, file, pool, with_totp=with_totp)
        for segment in range(THREADS):
            pool.begin(work.write_segment, segment)
        while pool.finish(seconds=0.2):
            progress.update(bar, description=f"Exporting: {work.count:,} accounts")
        return work.count
