#!/usr/bin/env bash
# Makes .venv and installs what requirements-dev.txt pins, hashes checked; then looks for the system libraries of WeasyPrint and the
# PDF tests. Installs system packages only as root; otherwise prints the command. Works again and again; changes nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."

libraries=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 poppler-utils)

# 3.13 is what the functions run on; 3.12 and 3.11 are good for everything but `make package`.
find_python() {
    local version candidate
    for version in 3.13 3.12 3.11; do
        for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python3 "$(command -v "python$version" || true)"; do
            if [ -n "$candidate" ] && "$candidate" -c "import sys, venv; assert sys.version.startswith('$version.')" 2>/dev/null; then
                echo "$candidate"
                return
            fi
        done
    done
    echo "No Python 3.13, 3.12 or 3.11 found. Install python3.13 with its venv module and run make again." >&2
    return 1
}

is_installed() {
    dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

install_libraries() {
    local name missing=()
    for name in "${libraries[@]}"; do
        is_installed "$name" || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if ! command -v apt-get >/dev/null; then
        echo "Rendering PDFs needs Pango, HarfBuzz (subset) and Poppler; install them with this system's package manager." >&2
    elif [ "$(id -u)" -eq 0 ]; then
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
    else
        echo "System packages are missing. Type this, then run make again:" >&2
        echo "    sudo apt-get install -y ${missing[*]}" >&2
        return 1
    fi
}

# uv unpacks in seconds what takes pip minutes (and compiles, so that the first start is quick), but does not read pip's configuration: where that is needed, pip does it all.
install_packages() {
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes \
        -r <(awk '/^[^ #]/ {wanted = /^uv==/} wanted' requirements-dev.txt)
    .venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes -r requirements-dev.txt ||
        .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
}

install_libraries
if [ ! -x .venv/bin/python ]; then
    "$(find_python)" -m venv .venv
fi
install_packages
.venv/bin/python --version
