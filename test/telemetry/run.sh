#!/usr/bin/env bash
# Runs the collector of FlueTelemetry.adot() beside a Flue server, as the template of a service says, against stand-ins for AWS.
# Needs Go, root, iproute2, apt and the npm registry. What is real and what is not: docs/decisions/0016-telemetry.md.
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)

missing=()
command -v go >/dev/null || missing+=(Go)
[ "$(id -u)" -eq 0 ] || missing+=(root)
command -v apt-get >/dev/null || missing+=(apt)
if [ "${#missing[@]}" -gt 0 ]; then
  echo "SKIPPED test/telemetry: it needs ${missing[*]}; no collector was run"
  [ "${CI:-}" != true ] || exit 1
  exit 0
fi
# shellcheck source=../container/lib.sh
. "$HERE/../container/lib.sh"

TOOLS=$REPO/.tools/telemetry
PATH=$REPO/node_modules/.bin:$PATH

install_tools() {
  install_podman || return
  if ! command -v ip >/dev/null || ! command -v ss >/dev/null; then install_packages iproute2; fi
}

# Without optimization, and without what a debugger would read, the compiler needs a third less of the processor.
build_collector() {
  (cd "$HERE/collector" && CGO_ENABLED=0 go build -trimpath -gcflags='all=-N -l -dwarf=false' -ldflags='-s -w' -o "$TOOLS/collector" .)
}

build_app() {
  mkdir -p "$TOOLS/app"
  if ! cmp -s "$HERE/app/package-lock.json" "$TOOLS/app/installed"; then
    cp "$HERE/app/package.json" "$HERE/app/package-lock.json" "$TOOLS/app/"
    # npm writes lockfiles that `npm ci` refuses, for want of the bundler's binaries of other platforms
    (cd "$TOOLS/app" && npm install --no-save --no-audit --no-fund) || return
    cp "$HERE/app/package-lock.json" "$TOOLS/app/installed"
  fi
  rm -rf "$TOOLS/app/src" "$TOOLS/app/dist"
  cp -r "$HERE/app/src" "$HERE/app/vite.config.ts" "$TOOLS/app/"
  (cd "$TOOLS/app" && node node_modules/vite/bin/vite.js build)
}

script() { (cd "$REPO" && node node_modules/ts-node/dist/bin.js --project tsconfig.dev.json --transpile-only "$@"); }
synthesize() { script test/telemetry/synth.ts "$WORK/task.json"; }

# The published image is the program in an empty root, run by a user of its own.
build_image() {
  mkdir -p "$WORK/root/etc" "$WORK/root/home/aoc"
  cp "$TOOLS/collector" "$WORK/root/collector"
  echo 'aoc:x:4317:4317::/home/aoc:' >"$WORK/root/etc/passwd"
  tar -C "$WORK/root" --numeric-owner -c . |
    podman import --change 'ENTRYPOINT ["/collector"]' --change 'USER aoc' --change 'ENV HOME=/home/aoc' - localhost/collector
}

# A task shares one network among its containers; this one has nothing but a loopback.
run_task() {
  export -f script
  export REPO
  unshare --net bash -c 'ip link set lo up && script test/telemetry/run.ts "$@"' _ "$WORK/task.json" "$TOOLS/collector" "$TOOLS/app"
}

step 'install tools' install_tools
configure
step 'collector' build_collector
step 'app' build_app
step 'synthesize' synthesize
step 'image' build_image
run_task >"$WORK/task.out" 2>&1 </dev/null || echo "     run.ts ended with $?" >>"$WORK/task.out"
grep -v ' passed, ' "$WORK/task.out"
PASSED=$((PASSED + $(grep -c '^ok ' "$WORK/task.out")))
FAILED=$((FAILED + $(grep -c '^FAIL ' "$WORK/task.out")))
grep -q ' passed, ' "$WORK/task.out" || stop_here 'run.ts said nothing of its end'
