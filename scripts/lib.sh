# What all scripts share: where things are, how a step is shown, which versions are wanted.
# To be sourced by a script that has said `set -euo pipefail`.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# Made absolute, as it is asked for from several folders.
TARGET="$(cd "$ROOT" && mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)"
NODE_MODULES="$ROOT/end2end/node_modules"
SITE="$ROOT/dist/site"
# What is built for the browser alone; everything else is the server's.
FRONTENDS=(crmap-frontend crmap-frontend-cabinet)
# shellcheck disable=SC2034 # read by the scripts that source this file
readonly ROOT TARGET NODE_MODULES SITE FRONTENDS
export CARGO_TARGET_DIR="$TARGET"
# Incremental data of a build that is made once and thrown away costs more than it saves.
if [[ -n "${CI:-}" ]]; then export CARGO_INCREMENTAL=0; fi
# What is checked in CI is what was committed; on a desk, cargo may bring Cargo.lock up to date. What
# is built to be shipped keeps to Cargo.lock everywhere.
CARGO_FLAGS=()
if [[ -n "${CI:-}" ]]; then CARGO_FLAGS=(--locked); fi

cd "$ROOT" || exit 1

# --- steps -------------------------------------------------------------------------------------

STEP_NOW=""
STEP_SINCE=0

microseconds() { printf '%s' "${EPOCHREALTIME/[.,]/}"; }

# The first script makes the list of times; scripts that it calls add to it.
if [[ -z "${CRMAP_STEPS:-}" ]]; then
  CRMAP_STEPS="$(mktemp)"
  CRMAP_SINCE="$(microseconds)"
  CRMAP_FIRST=$$
  export CRMAP_STEPS CRMAP_SINCE CRMAP_FIRST
fi

# seconds FROM TO: the time between two moments, with one digit after the point.
seconds() {
  local tenths=$((($2 - $1) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# step TITLE COMMAND…: runs the command and shows how long it took. A failing command ends the
# script, and the trap below says in which step.
step() {
  local title="$1" line
  shift
  printf '\n▸ %s\n' "$title" >&2
  STEP_NOW="$title"
  STEP_SINCE="$(microseconds)"
  "$@"
  line="$(printf '%7s s  %s' "$(seconds "$STEP_SINCE" "$(microseconds)")" "$title")"
  printf '✓ %s\n' "$line" >&2
  printf '%s\n' "$line" >>"$CRMAP_STEPS"
  STEP_NOW=""
}

# All steps with their times, once more and together; said by the first script alone.
print_steps() {
  [[ "$CRMAP_FIRST" == "$$" ]] || return 0
  printf '\nTimes\n' >&2
  cat "$CRMAP_STEPS" >&2
  printf '%7s s  in all\n' "$(seconds "$CRMAP_SINCE" "$(microseconds)")" >&2
}

# end_of_script STATUS
end_of_script() {
  local status="$1"
  if ((status != 0)) && [[ -n "$STEP_NOW" ]]; then
    printf '✗ %s: failed after %s s\n' "$STEP_NOW" "$(seconds "$STEP_SINCE" "$(microseconds)")" >&2
  fi
  if [[ "$CRMAP_FIRST" == "$$" ]]; then rm -f "$CRMAP_STEPS"; fi
}
trap 'end_of_script $?' EXIT

say() { printf '  %s\n' "$*" >&2; }

die() {
  printf '✗ %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# --- versions ----------------------------------------------------------------------------------

# The Rust release that rust-toolchain.toml pins.
wanted_rust() { sed -n 's/^channel *= *"\(.*\)"/\1/p' "$ROOT/rust-toolchain.toml"; }

# The version that Cargo.lock holds of a package.
locked_version() {
  awk -v name="$1" '
    $1 == "name" { found = ($3 == "\"" name "\"") }
    found && $1 == "version" { gsub(/"/, "", $3); print $3; exit }
  ' "$ROOT/Cargo.lock"
}

# --- builds that several scripts need ----------------------------------------------------------

# One package at a time: together, cargo would give each the features of both.
build_release() {
  local package
  for package in "$@"; do
    cargo build --locked --release -p "$package"
  done
}

# wait_for NAME URL PID: until the address answers, at most 30 s, and only while the process lives.
wait_for() {
  local name="$1" url="$2" pid="$3" tries
  for ((tries = 0; tries < 300; tries++)); do
    if curl --silent --fail --output /dev/null --max-time 2 "$url"; then return 0; fi
    kill -0 "$pid" 2>/dev/null || die "$name ended before it was ready"
    sleep 0.1
  done
  die "$name did not answer at $url within 30 s"
}
