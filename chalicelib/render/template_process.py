"""Templates of operators at work in a process of their own: without credentials, with little time and memory, ended if need be.

The sandbox keeps a template from getting out, this keeps it from staying: loops without end, and pages that no engine can lay
out. What comes back is believed to be nothing but bytes or words.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from chalicelib.domain.invoice import Invoice
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.template_text import TemplateText
from chalicelib.render.templates_folder import PROJECT_ROOT

log = logging.getLogger(__name__)

CHILD = "chalicelib.render.template_child"
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "LANG")
"""Variables that the child gets: where libraries are. No credential is among them."""
MIB = 1024 * 1024
LARGEST_PDF = 64 * MIB
TOLD = 2_000
"""Bytes of what a child that broke down said, for the log."""
DONE, FAILED = b"done\n", b"failed\n"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of CPU, MiB of address space, and seconds on the clock."""

    cpu: int
    memory: int
    wall: int


DRAWING = Limits(cpu=45, memory=1024, wall=60)
"""Half of what the function has, so that it can tell what happened."""
TRYING = Limits(cpu=5, memory=512, wall=12)
"""For a request that somebody waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the child is to do: fill the template with each of the documents, and draw the one there is if `draws`."""

    text: TemplateText
    invoices: tuple[Invoice, ...]
    draws: bool = False
    draft: bool = False


def draw_own_pdf(text: TemplateText, invoice: Invoice, *, draft: bool = False, limits: Limits = DRAWING) -> bytes:
    """The document's PDF in an operator's template. TemplateFailed with the fault, also when it takes too much."""
    return _work(Job(text=text, invoices=(invoice,), draws=True, draft=draft), limits)


def try_template(text: TemplateText, invoices: tuple[Invoice, ...], *, limits: Limits = TRYING) -> None:
    """Fill the template with each of the documents and draw none. TemplateFailed with the fault."""
    _work(Job(text=text, invoices=invoices), limits)


def _work(job: Job, limits: Limits) -> bytes:
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as errors:
        pickle.dump(job, given)
        given.seek(0)
        code = _run(given, answer, errors, limits)
        for written in (answer, errors):
            written.seek(0)
        if code:
            log.warning("template process ended with code %s: %s", code, errors.read(LARGEST_PDF)[-TOLD:])
        return _read(answer.read(LARGEST_PDF), code)


def _run(given: IO[bytes], answer: IO[bytes], errors: IO[bytes], limits: Limits) -> int | None:
    """The exit code of the child, None when it had to be ended."""
    command = [sys.executable, "-m", CHILD, str(limits.cpu), str(limits.memory * MIB), str(LARGEST_PDF)]
    with tempfile.TemporaryDirectory(prefix="billing-template-") as scratch:  # a child that is ended tidies nothing up
        child = subprocess.Popen(  # noqa: S603  # ourselves, with numbers
            command,
            stdin=given,
            stdout=answer,
            stderr=errors,
            env={**_environment(), "TMPDIR": scratch},
            cwd=PROJECT_ROOT,
            start_new_session=True,
        )
        try:
            return child.wait(limits.wall)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child, and whatever it may have started, if it still runs."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _environment() -> Mapping[str, str]:
    """What the child needs to find things, and nothing else."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _read(answer: bytes, code: int | None) -> bytes:
    if code == 0 and answer.startswith(DONE):
        return answer.removeprefix(DONE)
    if code == 0 and answer.startswith(FAILED):
        told = json.loads(answer.removeprefix(FAILED))
        raise TemplateFailed(str(told["message"]), part=str(told["part"]), line=told["line"])
    if code is None or code < 0:  # ended by us, or by a signal: of a limit, or of a library that got no memory
        raise TemplateFailed("The template takes too much time or memory.", part="html")
    raise TemplateFailed(f"The template could not be drawn; its process ended with code {code}.", part="html")
