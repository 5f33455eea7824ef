# Shared by the scripts beside it: sets up .venv from the lock file, and says each step in one line. Sourced, not run.
# shellcheck shell=bash

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=.venv
lock=requirements/dev.txt

step() { printf '== %s\n' "$*" >&2; }

fail() {
    printf 'error: %s\n' "$1" >&2
    [ -z "${2:-}" ] || printf '  next: %s\n' "$2" >&2
    exit 2
}

# Run a command whose output matters only when it fails.
quietly() {
    local output
    output=$("$@" 2>&1) || {
        local code=$?
        printf '%s\n' "$output" >&2
        return "$code"
    }
}

# The newest Python that the project supports.
find_python() {
    local name
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$name"
            return
        fi
    done
    fail "no Python 3.11 or newer on PATH" "install one, or name it: PYTHON=/path/to/python3 $0"
}

# What the virtual environment was made from; a change of any of these installs again.
fingerprint() {
    cat "$lock" setup.cfg pyproject.toml tapgen/_version.py | cksum
    pwd
}

# Install the locked dependencies, each checked against its hash, and tapgen itself in place.
set_up() {
    local python
    if [ -x "$venv/bin/python" ] && [ "$(cat "$venv/.fingerprint" 2>/dev/null)" = "$(fingerprint)" ]; then
        return
    fi
    python=$(find_python)
    step "installing into $venv with $("$python" --version)"
    # A half-made environment is made again; an intact one is only brought up to date.
    "$venv/bin/python" -c '' 2>/dev/null || "$python" -m venv --clear "$venv" ||
        fail "$python cannot make virtual environments" "install its venv module (Debian: python3-venv)"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$lock" ||
        fail "the locked dependencies cannot be installed" "check the network to the package index and rerun"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ||
        fail "tapgen itself cannot be installed"
    fingerprint >"$venv/.fingerprint"
}

# Make a lock file again with every file's hash; arguments are uv's.
compile() { "$venv/bin/uv" pip compile --quiet --no-header --no-annotate --generate-hashes "$@"; }

# The development environment's; arguments say what may be newer than it is.
compile_dev() { compile --universal --python-version 3.11 --extra local --extra dev setup.cfg -o "$lock" "$@"; }
