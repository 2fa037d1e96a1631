#!/usr/bin/env bash
# Runs sandboxes for real Flue agents in podman, as a synthesized template defines them, and tries to get out of them.
# Needs root, apt and the npm registry, and the agents of both versions of Flue installed.
# With `hold FOLDER`, it brings up what a run has built there and waits to be stopped: the run itself stops one, to see what that leaves.
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
MODE=${1:-}
BUILT=${2:-}

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo 'SKIPPED test/sandboxes: it needs root and apt; no sandbox was run'
  [ "${CI:-}" != true ] || exit 1
  exit 0
fi
# shellcheck source=../container/lib.sh
. "$HERE/../container/lib.sh"

PREFIX=flue-sandboxes-$$
RUNNING=

clean_up() {
  local space
  if [ -n "$RUNNING" ]; then kill "$RUNNING" 2>/dev/null; fi
  wait
  ip netns list | awk -v prefix="$PREFIX-" 'index($1, prefix) == 1 { print $1 }' | while read -r space; do
    ip netns pids "$space" | xargs -r kill -9
    ip netns del "$space"
  done
  [ ! -e "$CONTAINERS_CONF" ] || { podman rm --force --all --time 0; podman volume rm --force --all; } >/dev/null 2>&1
}

install_tools() {
  install_podman || return
  command -v ip >/dev/null && command -v nft >/dev/null && command -v nsenter >/dev/null || install_packages iproute2 nftables util-linux
}

# The test runs where the server does, so it starts in that network. A signal ends `wait`, and would not end a pipe in front of it.
prove() { # mode, folder of what is built
  (
    cd "$REPO" && TMPDIR=$WORK/tmp SANDBOX_STORAGE=$WORK/storage exec nsenter "--net=/run/netns/$PREFIX-server" \
      node node_modules/ts-node/dist/bin.js --project tsconfig.dev.json --transpile-only test/sandboxes/proof/run.ts "$WORK/proof" "$PREFIX" "$@"
  ) >>"$WORK/proof.out" 2>&1 &
  RUNNING=$!
  tail --pid="$RUNNING" --lines=+1 --follow "$WORK/proof.out" 2>/dev/null | sed -u '/^counted /d' &
  wait "$RUNNING"
  RUNNING=
  wait
}

# What a machine has of a run: networks, processes, mounts and files. The run says its prefix and its folder.
leavings() { # prefix, folder
  ip netns list | awk -v prefix="$1-" 'index($1, prefix) == 1 { print "network", $1 }'
  # the pattern comes from a file, or the search would find itself
  grep -lsaFf <(echo "$2") /proc/[0-9]*/cmdline /proc/[0-9]*/environ | awk -F/ '{ print "process", $3 }' | sort -u
  awk -v folder="$2/" 'index($5, folder) == 1 { print "mount", $5 }' /proc/self/mountinfo
  find "$2" -maxdepth 1 2>/dev/null | sed 's/^/file /'
}

# Stops a run while two servers have sandboxes.
stopped() {
  local log=$WORK/held.out run prefix folder
  bash "$HERE/run.sh" hold "$WORK" >"$log" 2>&1 &
  run=$!
  RUNNING=$run
  until grep -q '^holds$' "$log"; do
    kill -0 "$run" 2>/dev/null || { cat "$log"; return 1; }
    sleep 0.2
  done
  read -r _ prefix folder < <(grep '^held ' "$log")
  leavings "$prefix" "$folder" >"$WORK/held.before"
  kill -TERM "$run"
  wait "$run"
  RUNNING=
  # what watches a container ends a moment after it
  for _ in {1..10}; do
    leavings "$prefix" "$folder" >"$WORK/held.after"
    [ -s "$WORK/held.after" ] || break
    sleep 0.5
  done
  echo "before: $(cut -d' ' -f1 "$WORK/held.before" | sort | uniq -c | tr -s ' \n' ' '), after:"
  cat "$WORK/held.after"
  local kind
  for kind in network process mount file; do grep -q "^$kind " "$WORK/held.before" || return; done
  [ ! -s "$WORK/held.after" ]
}

[ -x "$REPO/examples/agents/node_modules/node/bin/node" ] || stop_here 'run npm ci in examples/agents first'
[ -d "$REPO/test/events/delivery/flue-2/node_modules" ] || stop_here 'run npm ci in test/events/delivery/flue-2 first'
step 'install tools' install_tools
configure
step 'base image' build_base
# Postgres runs as a user of its own, who has to get to its files
chmod 711 "$WORK" && mkdir -p "$WORK/proof" && : >"$WORK/proof.out"
step 'network of the server' ip netns add "$PREFIX-server"
if [ "$MODE" = hold ]; then
  echo "held $PREFIX $WORK"
  read_store "$BUILT"
  prove hold "$BUILT/proof"
  exit 1
fi
prove
read -r _ PASSED FAILED < <(grep '^counted ' "$WORK/proof.out" || echo 'counted 0 1')
SECONDS=0
check 'a run that is stopped leaves no network, process, mount and file' stopped
echo "     a run that is stopped: $SECONDS s"
