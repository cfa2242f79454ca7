"""Prints the page of the comparison with Typst, in the environment of the peers: python print_typst.py FOLDER FONTS REPEATS.

The folder holds view.json, logo.svg and code.svg; the file is left there as typst.pdf. Prints CPU seconds of the fastest repeat.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from pathlib import Path

import typst


def main(folder: Path, fonts: str, repeats: int) -> None:
    """Print it so often; each repeat starts with another number, or Typst would remember the layout."""
    shutil.copy(Path(__file__).with_name("invoice.typ"), folder)
    view = json.loads((folder / "view.json").read_text(encoding="utf-8"))
    spent = []
    for number in range(repeats):
        (folder / "view.json").write_text(json.dumps({**view, "number": f"INV-{number}"}), encoding="utf-8")
        begun = time.process_time()
        compiler = typst.Compiler(
            str(folder / "invoice.typ"), font_paths=[fonts], ignore_system_fonts=True, sys_inputs={"view": "view.json"}
        )
        (folder / "typst.pdf").write_bytes(compiler.compile(format="pdf"))
        spent.append(time.process_time() - begun)
    status = Path("/proc/self/status").read_text(encoding="ascii")  # ru_maxrss would count what the parent had before, too
    peak = re.search(r"VmHWM:\s+(\d+)", status)
    print(json.dumps({"seconds": min(spent), "peak_mib": int(peak[1]) / 1024 if peak else 0}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
