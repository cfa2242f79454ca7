"""`python -m local run | demo | token | mails`: the one command that starts everything, and its companions."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError

from local.home import Home, LocalError, lock, open_home, wipe
from local.post import as_text, read_mails
from local.runner import Runner, say
from local.tokens import PERMISSIONS, make_token

DEFAULT_DATA = Path(__file__).resolve().parent.parent / ".local"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; answers the exit status."""
    options = _parser().parse_args(arguments)
    try:
        command: Callable[[argparse.Namespace], int] = options.command
        return command(options)
    except LocalError as error:
        print(error, file=sys.stderr, flush=True)
        return 1


def run(options: argparse.Namespace) -> int:
    """Start, print the ready line, load the demo into an empty directory, and serve until Ctrl-C or SIGTERM."""
    home, _held, fresh = _prepare(options)
    if home.hold.exists():
        say("The demo was interrupted and is only half there; --fresh begins again.")
    _hold_schedules(home, hold=fresh and not options.no_demo)
    _interrupt_on_sigterm()
    try:
        with Runner(home, options.port) as runner:
            _announce(home, runner.api)
            if home.hold.exists():
                threading.Thread(target=_load_demo, args=(home, runner), daemon=True).start()
            threading.Event().wait()
    except KeyboardInterrupt:
        print(f"Stopped. The data is in {home.root}.", file=sys.stderr, flush=True)
    return 0


def demo(options: argparse.Namespace) -> int:
    """Start, bill the demo month, print the result table, stop. Status 1 when a check failed."""
    home, _held, fresh = _prepare(options)
    if not fresh:
        raise LocalError(f"{home.root} already holds data; the demo wants an empty directory: use --fresh, or another --data.")
    _hold_schedules(home, hold=True)
    _interrupt_on_sigterm()
    try:
        with Runner(home, options.port) as runner:
            return 0 if _load_demo(home, runner) else 1
    except KeyboardInterrupt:
        print(f"Stopped. The data is in {home.root}.", file=sys.stderr, flush=True)
        return 130


def token(options: argparse.Namespace) -> int:
    """Print a JWT that the run on this data directory accepts."""
    if (options.role == "customer") != bool(options.customer):
        options.parser.error("--customer goes with --role customer, and only with it.")
    print(make_token(open_home(options.data), options.role, options.customer), flush=True)
    return 0


def mails(options: argparse.Namespace) -> int:
    """Print the mails that the run on this data directory has sent to nobody."""
    print("\n\n".join(as_text(mail) for mail in read_mails(open_home(options.data))), flush=True)
    return 0


def _load_demo(home: Home, runner: Runner) -> bool:
    from local.demo.story import tell  # noqa: PLC0415 -- DuckDB and phone metadata take a second to import

    try:
        passed = tell(home, runner.api, runner.environment)
    except (LocalError, OSError, HTTPException, BotoCoreError) as error:
        say(f"The demo stopped: {error}")
        return False
    _hold_schedules(home, hold=False)
    return passed


def _hold_schedules(home: Home, *, hold: bool) -> None:
    """While the demo loads, no schedule bills what is only half there; it fires them itself."""
    if hold:
        home.hold.touch()
    else:
        home.hold.unlink(missing_ok=True)


def _prepare(options: argparse.Namespace) -> tuple[Home, Any, bool]:
    home = open_home(options.data)
    held = lock(home)
    if options.fresh:
        wipe(home)
    return home, held, home.is_new


def _announce(home: Home, api: str) -> None:
    admin = make_token(home, "admin")
    print(json.dumps({"ready": True, "api": api, "token": admin, "data": str(home.root)}), flush=True)
    data = "" if home.root == DEFAULT_DATA else f" --data {home.root}"
    print(
        f"\nThe billing API is at {api}  (stop with Ctrl-C; the data stays in {home.root})\n\n"
        f"  TOKEN=$({_python()} -m local token --role admin{data})\n"
        f'  curl -H "Authorization: Bearer $TOKEN" {api}customers\n'
        f'  curl -H "Authorization: Bearer $TOKEN" "{api}invoices?status=overdue"\n'
        f'  curl -H "Authorization: Bearer $TOKEN" {api}reports/numbering\n'
        f"  {api}docs shows every request.\n",
        flush=True,
    )


def _python() -> str:
    """The interpreter as one would type it here."""
    path = Path(sys.executable)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _interrupt_on_sigterm() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="Run the billing system on this machine.")
    commands = parser.add_subparsers(required=True, metavar="run | demo | token | mails")
    running = commands.add_parser("run", help="start everything and serve until Ctrl-C")
    running.set_defaults(command=run)
    running.add_argument("--no-demo", action="store_true", help="leave a new data directory empty")
    showing = commands.add_parser("demo", help="bill a month of calls from start to finish, then stop")
    showing.set_defaults(command=demo)
    for command in (running, showing):
        command.add_argument("--port", type=_port, default=8000, help="port of the API on 127.0.0.1 (default 8000)")
        command.add_argument("--fresh", action="store_true", help="delete the data first")
    minting = commands.add_parser("token", help="print a token for the API")
    minting.set_defaults(command=token, parser=minting)
    minting.add_argument("--role", choices=sorted(PERMISSIONS), default="admin")
    minting.add_argument("--customer", metavar="ID", help="the customer of a customer's token")
    reading = commands.add_parser("mails", help="print the mails that a running system has sent; they leave this machine never")
    reading.set_defaults(command=mails)
    for command in (running, showing, minting, reading):
        command.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="data directory (default .local)")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:  # noqa: PLR2004 -- the range of ports
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number.")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
