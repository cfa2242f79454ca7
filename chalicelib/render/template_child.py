"""The process in which templates of operators are filled and drawn; started by `template_process`, which reads what it writes.

First it gives up what it will not need, then it reads its job. It answers in a file of bounded size that nothing else writes to.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import sys
from pathlib import Path
from typing import IO

from chalicelib.render.css_check import check_css
from chalicelib.render.failures import TemplateFailed
from chalicelib.render.own_template import check_names, write_html
from chalicelib.render.template_process import DONE, FAILED, Job


def main() -> None:
    """Do the job on standard input within the limits on the command line."""
    cpu, memory, size = (int(number) for number in sys.argv[1:])
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answer, Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())
        give_up(cpu, memory, size)
        answer.write(work(sys.stdin.buffer))


def give_up(cpu: int, memory: int, size: int) -> None:
    """Bound this process for good: seconds of CPU, bytes of memory, bytes of a file; and no core dumps."""
    limits = ((resource.RLIMIT_CPU, cpu), (resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, size), (resource.RLIMIT_CORE, 0))
    for limit, most in limits:
        resource.setrlimit(limit, (most, most))


def work(given: IO[bytes]) -> bytes:
    """The answer to a job: what was asked for, or the template's fault."""
    job: Job = pickle.load(given)  # noqa: S301  # written by our parent a moment ago
    try:
        return DONE + _do(job)
    except TemplateFailed as error:
        told = {"message": error.fault, "part": error.part, "line": error.line}
        return FAILED + json.dumps(told).encode()


def _do(job: Job) -> bytes:
    if job.draws:
        from chalicelib.render.own_pdf import render_own_pdf  # noqa: PLC0415  # whoever only fills does not wait for it

        return render_own_pdf(job.text, job.invoices[0], draft=job.draft)
    check_css(job.text.css)
    check_names(job.text, job.invoices[0])
    for invoice in job.invoices:
        write_html(job.text, invoice)
    return b""


if __name__ == "__main__":
    main()
