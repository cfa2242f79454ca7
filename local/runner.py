"""A local run as a whole: emulator, stack, API and workers, started in order, watched, and stopped in order.

Says on standard error what it has to say; standard output belongs to `local.__main__`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from local import tokens
from local.children import Child, restart, start_child
from local.health import is_healthy
from local.home import Home, LocalError
from local.ministack import HOST, STOP_SECONDS, await_emulator, client_environment, make_client, start_emulator
from local.post import SENDER, verify_sender
from local.stack import ensure_stack
from local.worker import ALONE

API_SECONDS = 60.0
WORKER_SECONDS = 20.0
VERSION = "local"


class Runner:
    """A context: inside it, the whole system runs."""

    def __init__(self, home: Home, port: int) -> None:
        """Nothing starts before the context is entered."""
        self.home = home
        self.api = f"http://{HOST}:{port}/"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._listener = _listen(port)
        self._emulator: Child | None = None
        self._children: list[Child] = []
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        """Start everything and return when the API answers."""
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop everything; the emulator last, after it has saved its state."""
        self._stop()

    def _start(self) -> None:
        self._emulator, endpoint = start_emulator(self.home)
        descriptor = self._listener.fileno()
        self._spawn("api", ["local.server", str(descriptor)], [descriptor])
        await_emulator(self._emulator, endpoint)
        self.home.emulator_url.write_text(endpoint, encoding="utf-8")
        self.environment |= self._function_environment(endpoint)
        self._children[0].tell(json.dumps(self.environment).encode())
        self._await_api()
        self._start_workers()
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def _function_environment(self, endpoint: str) -> dict[str, str]:
        access = client_environment(endpoint)
        verify_sender(make_client("sesv2", access))
        return {
            **access,
            **ensure_stack(make_client("cloudformation", access)),
            "JWT_PUBLIC_KEY": tokens.public_key(self.home),
            "JWT_ISSUER": tokens.ISSUER,
            "JWT_AUDIENCE": tokens.AUDIENCE,
            "EMAIL_IDENTITY": SENDER,
            "STAGE": "local",
            "VERSION": VERSION,
        }

    def _start_workers(self) -> None:
        """After the API, which they would only slow down: what happens meanwhile waits in the queues."""
        data = str(self.home.root)
        self._spawn("events", ["local.worker", "events", data])
        for function, count in ALONE.items():
            for number in range(1, count + 1):
                self._spawn(f"{function}-{number}", ["local.worker", function, data])

    def _spawn(self, name: str, arguments: list[str], sockets: list[int] | None = None) -> None:
        log = self.home.logs / f"{name}.log"
        self._children.append(start_child(name, arguments, self.environment, log, sockets=sockets or []))

    def _await_api(self) -> None:
        deadline = time.monotonic() + API_SECONDS
        api = self._children[0]
        while time.monotonic() < deadline and api.is_alive:
            if is_healthy(self.api, "/health"):
                return
            time.sleep(0.05)
        raise LocalError(f"The API did not start; see {api.log}:\n{_tail(api.log)}")

    def _watch(self) -> None:
        while not self._stopping.wait(0.5):
            if self._emulator and not self._emulator.is_alive:
                say(f"The AWS emulator ended by itself; see {self._emulator.log}. Stopping.")
                os.kill(os.getpid(), signal.SIGTERM)
                return
            for child in self._children:
                if not child.is_alive and not self._stopping.is_set():
                    say(f"{child.name} ended by itself ({child.process.returncode}); it is started again. See {child.log}.")
                    restart(child)

    def _stop(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # stopping saves data and is not to be cut short
        self._stopping.set()
        self._listener.close()
        for child in self._children:
            child.terminate()
        for child in self._children:
            child.stop(WORKER_SECONDS)
        if self._emulator and not self._emulator.stop(STOP_SECONDS):
            say("The AWS emulator had to be killed; its latest changes may be lost.")


def say(text: str) -> None:
    """A notice for the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise LocalError(f"Port {port} is in use; choose another with --port.") from error
    return listener


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
