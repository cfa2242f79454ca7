"""Builds what CloudFormation deploys: build/package/sam.json and deployment.zip, checked before anybody uploads them.

Packages from a copy without caches, because Chalice ships whatever lies in chalicelib and vendor. It takes the runtime from the
interpreter that runs it, so this refuses any Python but the functions' own, and compiles for that one: functions cannot write
where their code lies, and would compile everything anew at every cold start. Uploads nothing.
"""

from __future__ import annotations

import json
import os
import py_compile
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
SOURCE, PACKAGE = BUILD / "source", BUILD / "package"
SHIPPED = ("app.py", "chalicelib", "requirements.txt", "vendor", ".chalice")
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "deployments", "deployed")
RUNTIME = (3, 13)
TASK = "/var/task"
"""Where Lambda unzips the code; tracebacks name files there."""
READABLE = 0o644 << 16
"""Mode of a file in an archive: functions run as another user than unzips them."""
UNZIPPED_LIMIT = 250 * 1024 * 1024
"""Lambda's limit on code and layers together, in bytes."""


class PackageError(Exception):
    """The package must not be deployed; the message says why."""


def main() -> None:
    """Build and check the package of the stage named on the command line, `prod` unless told."""
    stage = sys.argv[1] if len(sys.argv) > 1 else "prod"
    if sys.version_info[:2] != RUNTIME:
        raise PackageError(f"Packaging needs Python {RUNTIME[0]}.{RUNTIME[1]}, the runtime of the functions.")
    copy_source()
    run("chalice", "package", "--stage", stage, "--merge-template", "merge.json", str(PACKAGE))
    compile_archive(PACKAGE / "deployment.zip")
    run("cfn-lint", str(PACKAGE / "sam.json"))
    problems = [*find_archive_problems(PACKAGE / "deployment.zip"), *find_template_problems(PACKAGE / "sam.json")]
    if problems:
        raise PackageError("\n".join(problems))
    size = (PACKAGE / "deployment.zip").stat().st_size
    print(f"{PACKAGE.relative_to(ROOT)}: stage {stage}, {size / 1_000_000:.1f} MB")


def copy_source() -> None:
    """Copy what is shipped to an empty folder, following the links in vendor, and join both templates there."""
    shutil.rmtree(BUILD, ignore_errors=True)
    SOURCE.mkdir(parents=True)
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, SOURCE / name, ignore=NOT_SHIPPED)
        else:
            shutil.copy(ROOT / name, SOURCE / name)
    joined: dict[str, Any] = {}
    for name in ("resources.yaml", "merge.yaml"):
        merge(joined, yaml.safe_load((ROOT / "infra" / name).read_text()))
    (SOURCE / "merge.json").write_text(json.dumps(joined))


def merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    """Lay `more` over `into`: dictionaries deeply, anything else replaces."""
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def run(tool: str, *arguments: str) -> None:
    """Run a tool of this interpreter's environment in the copy; its failure is ours."""
    # packaging imports the app, and what that would compile must not be shipped
    environment = {"AWS_DEFAULT_REGION": "eu-west-1", **os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([Path(sys.executable).parent / tool, *arguments], cwd=SOURCE, env=environment, check=True)


def compile_archive(path: Path) -> None:
    """Put the compiled file of every module beside it, valid whatever time the source gets when Lambda unzips it."""
    with TemporaryDirectory() as folder, zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        names = [name for name in archive.namelist() if name.endswith(".py")]
        archive.extractall(folder, names)
        for name in names:
            compiled = py_compile.compile(
                f"{folder}/{name}",
                cfile=f"{folder}/compiled",
                dfile=f"{TASK}/{name}",
                doraise=True,
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )
            entry = zipfile.ZipInfo(name_compiled(name))
            entry.external_attr = READABLE
            archive.writestr(entry, Path(str(compiled)).read_bytes(), zipfile.ZIP_DEFLATED)


def find_archive_problems(path: Path) -> list[str]:
    """What is wrong with the code archive: missing or superfluous files, packages compiled for the wrong system, size."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        tags = b"".join(archive.read(name) for name in names if name.endswith(".dist-info/WHEEL"))
        size = sum(info.file_size for info in archive.infolist())
    expectations = {
        "templates/ is missing": any(name.startswith("templates/") for name in names),
        "tests were packed": not any(name.startswith(("tests/", "local/")) for name in names),
        "a module is not compiled, or another one is": modules_compiled(names),
        "a package was compiled for this machine instead of Lambda's": b"linux_x86_64" not in tags.replace(b"manylinux", b""),
        "the code is larger than Lambda allows": size < UNZIPPED_LIMIT,
    }
    return [problem for problem, is_fine in expectations.items() if not is_fine]


def name_compiled(module: str) -> str:
    """Where Python looks for the compiled file of a module."""
    path = PurePosixPath(module)
    return f"{path.parent / '__pycache__' / path.stem}.{sys.implementation.cache_tag}.pyc"


def modules_compiled(names: list[str]) -> bool:
    """Whether every module has its one compiled file, of this Python."""
    compiled = sorted(name for name in names if name.endswith(".pyc"))
    return compiled == sorted(name_compiled(name) for name in names if name.endswith(".py"))


def find_template_problems(path: Path) -> list[str]:
    """What is wrong with the functions: their runtime, or a handler that the template and the configuration do not share."""
    resources = json.loads(path.read_text())["Resources"].values()
    functions = [resource["Properties"] for resource in resources if resource["Type"] == "AWS::Serverless::Function"]
    configured = set(json.loads((ROOT / ".chalice" / "config.json").read_text())["lambda_functions"])
    handlers = {function["Handler"].removeprefix("app.").replace("app", "api_handler") for function in functions}
    problems = [f"{name} is in the template or in config.json, but not in both" for name in sorted(handlers ^ configured)]
    runtimes = {function["Runtime"] for function in functions}
    if runtimes != {f"python{RUNTIME[0]}.{RUNTIME[1]}"}:
        problems.append(f"runtimes are {sorted(runtimes)}")
    return problems


if __name__ == "__main__":
    try:
        main()
    except (PackageError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
