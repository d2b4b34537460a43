"""`rekey-admin import`: accounts from a file, a transaction each, whole or not at all.

Whether an address is there already is asked of the table, fifty at a time, so there is no journal to lose: the next run
of the same file goes on where the last one ended, whatever ended it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self, TextIO

from rekey import clock, ids
from rekey.accounts import accounts, events, keys
from rekey.accounts.event_types import ACCOUNT_IMPORTED
from rekey.api.client import Client
from rekey.aws import store
from rekey.aws.store import ConditionFailedError
from rekey.credentials import totp
from rekey.settings import settings
from rekey_admin import import_files
from rekey_admin.errors import CommandError, UsageError
from rekey_admin.hash_costs import Tally
from rekey_admin.incoming import GUIDE, Incoming, RefusedRowError, Trust, judge
from rekey_admin.tables import Pool, create_private, open_tables, patiently
from rekey_admin.target import Target
from rekey_admin.terminal import Terminal

BATCH = 50  # rows asked for at once, and at most lost to a thread that is stopped
HERE = Client("0.0.0.0", "rekey-admin")  # noqa: S104 - "this host": no request came from anywhere


class Report:
    """What became of the rows. Those refused are written down as they are met: line, address and reason."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.added = self.there = self.refused = 0
        self.factors_lost = 0
        self.hashes = Tally()
        self._lock = Lock()
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file:
            self._file.close()

    def count(self, *, added: int = 0, there: int = 0) -> None:
        with self._lock:
            self.added += added
            self.there += there

    def refuse(self, line: int, email: object, reason: str) -> None:
        with self._lock:
            if not self._file:  # addresses are nobody else's to read
                self.path.unlink(missing_ok=True)  # that of an earlier run
                self._file = create_private(self.path)
            self.refused += 1
            self._file.write(json.dumps({"line": line, "email": email, "reason": reason}) + "\n")

    @property
    def summary(self) -> dict[str, Any]:
        counts = {"added": self.added, "there_already": self.there, "refused": self.refused}
        report = str(self.path) if self.refused else None
        return {**counts, "report": report, "second_factors_lost": self.factors_lost, "hashes": self.hashes.summary}


class Import:
    """One run. `dry` writes nothing."""

    def __init__(self, report: Report, pool: Pool, admin: str, *, dry: bool) -> None:
        self._report = report
        self._pool = pool
        self._admin = admin
        self._dry = dry

    def add(self, batch: list[Incoming]) -> None:
        """Add those of a batch whose addresses are nobody's yet."""
        table = settings().accounts_table
        rows = store.get_many(*((table, keys.address(each.email_digest)) for each in batch))
        for each, row in zip(batch, rows, strict=True):
            if self._pool.stopped.is_set():
                return
            if row and "account_id" in row:
                self._report.count(there=1)
            elif self._dry:
                self._report.count(added=1)
            else:
                self._add(each)

    def _add(self, incoming: Incoming) -> None:
        account = _account(incoming)
        registering = accounts.registering(incoming.email_digest, account["account_id"])
        imported = events.recording(account, ACCOUNT_IMPORTED, email=incoming.email, client=HERE, admin=self._admin)
        try:
            patiently(store.transact, registering, accounts.creating(account), imported)
        except ConditionFailedError as failed:
            if failed.index == 0:  # registered a moment ago
                self._report.count(there=1)
            else:
                self._report.refuse(incoming.line, incoming.email, "account_id: another address has it")
        else:
            self._report.count(added=1)


def _account(incoming: Incoming) -> store.Row:
    account_id, now = incoming.account_id or ids.new_id(), clock.now()
    more: dict[str, Any] = {
        **incoming.copied,
        "disabled_at": now if incoming.disabled else None,
        "totp_required": incoming.totp_required or None,
    }
    if incoming.totp_secret:
        secret = totp.encrypt_secret(account_id, incoming.totp_secret)
        more |= {"totp_secret": secret, "totp_last_step": 0, "totp_enabled_at": now}
    return accounts.new_account(account_id, incoming.email, incoming.password_hash, incoming.created_at, **more)


Rows = Iterator[tuple[int, import_files.Row]]


def require_said(rows: Rows, trust: Trust) -> Rows:
    """The same rows, if the first, or the operator, says whether addresses are proven; a later row is refused alone.

    Raises UsageError.
    """
    first = next(rows, (0, None))
    if first[1] is not None and "email_verified" not in first[1] and trust == Trust():
        raise UsageError(
            "The file does not say which addresses are proven. If the other system has proven all, give --verified;"
            " if some, add a column email_verified (true or false);"
            " if none, --unverified takes them without password and second factor."
        )
    return chain([first], rows) if first[0] else rows


def judged(rows: Rows, report: Report, trust: Trust) -> Iterator[Incoming]:
    """The rows that make accounts; of one address, the first."""
    seen: set[str] = set()
    for line, row in rows:
        try:
            incoming = judge(line, row, trust)
            _require_unseen(incoming.email_digest, seen)
        except RefusedRowError as refused:
            report.refuse(line, _address(row), str(refused))
        else:
            report.hashes.add(incoming.password_hash)
            report.factors_lost += incoming.loses_factor
            yield incoming


def _address(row: import_files.Row) -> str | None:
    """As it was written, for who looks for the row; not what stands there in its place, which may be the hash."""
    email = (row or {}).get("email")
    return email if isinstance(email, str) and "@" in email and "$" not in email else None


def _require_unseen(email_digest: str, seen: set[str]) -> None:
    if email_digest in seen:
        raise RefusedRowError("email: it stands in the file before")
    seen.add(email_digest)


def add_to(add_command: Any) -> None:
    """Name the command on the command line."""
    told = f"import accounts from another system, with their password hashes ({GUIDE})"
    parser: argparse.ArgumentParser = add_command("import", help=told, description=told)
    parser.add_argument(
        "file", type=Path, help=".csv, .jsonl (JSON lines) or .json (Firebase's auth:export, Cognito's list-users)"
    )
    parser.add_argument("--dry-run", action="store_true", help="judge every row and write nothing")
    parser.add_argument(
        "--verified",
        action="store_true",
        help="all addresses are proven, but where email_verified says that one is not",
    )
    parser.add_argument(
        "--unverified", action="store_true", help="take unproven addresses too, without their passwords and codes"
    )
    parser.add_argument("--firebase-hash-config", type=Path, metavar="FILE", help="the project's hash parameters")
    parser.add_argument("--report", type=Path, metavar="FILE", help="where refused rows go (FILE.refused.jsonl)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, target: Target, terminal: Terminal) -> None:
    """Raises CommandError where a row was refused."""
    if not options.file.is_file():
        raise UsageError(f"{options.file}: no such file")
    trust = Trust(options.verified, options.unverified)
    rows = require_said(import_files.read(options.file, options.firebase_hash_config), trust)
    total = import_files.count_lines(options.file)
    admin = open_tables(target)
    if not options.dry_run:
        terminal.confirm(f"Import up to {total:,} rows of {options.file} into {settings().accounts_table} as {admin}?")
    with Report(options.report or options.file.with_name(f"{options.file.name}.refused.jsonl")) as report:
        incoming = judged(rows, report, trust)
        try:
            with Pool() as pool, terminal.progress() as progress:
                bar = progress.add_task("Importing", total=total)
                work = Import(report, pool, admin, dry=options.dry_run)
                while batch := [*islice(incoming, BATCH)]:
                    pool.begin(work.add, batch)
                    progress.update(bar, completed=batch[-1].line)
                pool.finish()
        except KeyboardInterrupt:
            terminal.note(f"Stopped after {report.added:,} accounts, each whole. The same command goes on.")
            raise
    would = "Would add" if options.dry_run else "Added"
    told = f"{would} {report.added:,} accounts. {report.there:,} were there already. {report.refused:,} rows refused."
    terminal.show(report.summary, told, report.hashes.told)
    if report.factors_lost:
        terminal.note(f"{report.factors_lost:,} people had a second factor at Cognito, which gives none away.")
    if report.refused:
        raise CommandError(f"{report.refused:,} rows were refused: {report.path}")
