#!/usr/bin/env bash
# Builds the image that FlueImage stages for an app (examples/agents, or the directory given) and runs it as a task would.
# Needs root, apt and the npm registry; a compiled library for the rehearsal, and examples/agents installed for its Postgres.
set -uo pipefail

REPO=$(cd "$(dirname "$0")/../.." && pwd)
APP=$(cd "${1:-$REPO/examples/agents}" && pwd) || exit 1
WORK=$(mktemp -d "${TMPDIR:-/tmp}/flue-container.XXXXXX")
# An app without a database module keeps its state in memory.
DATABASE=$([ -f "$APP/src/db.ts" ] && echo with-database || echo without-database)
BASE=public.ecr.aws/docker/library/node:22-slim
IMAGE=localhost/flue-agents
NAME=flue-agents-$$
MARKER=planted-secret-3f9c1a
CONTROL=planted-control-77ab20
PASSED=0
FAILED=0

export CONTAINERS_STORAGE_CONF=$WORK/storage.conf CONTAINERS_CONF=$WORK/containers.conf CONTAINERS_REGISTRIES_CONF=$WORK/registries.conf

finish() {
  if [ -e "$CONTAINERS_CONF" ]; then
    podman rm --force --all --time 0 >/dev/null 2>&1
    podman rmi --force --all >/dev/null 2>&1
  fi
  rm -rf "$WORK"
  echo "$PASSED passed, $FAILED failed"
  [ "$FAILED" -eq 0 ] && [ "$PASSED" -gt 0 ] || exit 1
  exit 0
}
trap finish EXIT
trap 'exit 130' INT TERM

check() { # name, command…
  local name=$1
  shift
  if "$@" >"$WORK/check.log" 2>&1; then
    PASSED=$((PASSED + 1))
    echo "ok   $name"
  else
    FAILED=$((FAILED + 1))
    echo "FAIL $name"
    tail -n 20 "$WORK/check.log" | sed 's/^/     /'
  fi
}

stop_here() { # reason
  FAILED=$((FAILED + 1))
  echo "FAIL $1"
  [ -e "$WORK/step.log" ] && tail -n 30 "$WORK/step.log" | sed 's/^/     /'
  exit 1
}

step() { # name, command…
  local name=$1 started=$SECONDS
  shift
  "$@" >"$WORK/step.log" 2>&1 || stop_here "$name"
  echo "     $name: $((SECONDS - started)) s"
}

install_tools() {
  local missing=()
  command -v podman >/dev/null && command -v runc >/dev/null && command -v conmon >/dev/null && [ -x /usr/libexec/podman/catatonit ] &&
    command -v mmdebstrap >/dev/null && command -v curl >/dev/null || missing=(podman runc conmon catatonit mmdebstrap curl)
  [ "${#missing[@]}" -eq 0 ] && return
  apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

configure() {
  mkdir -p "$WORK/tmp"
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$WORK/storage" "$WORK/run" >"$CONTAINERS_STORAGE_CONF"
  # runc for hybrid cgroups, limits that need no CAP_SYS_RESOURCE, and the host's network, which needs no iptables
  printf '[containers]\nnetns = "host"\ndefault_ulimits = ["nofile=%s:%s", "nproc=30000:30000"]\n[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\nruntime = "runc"\n' \
    "$(ulimit -Hn)" "$(ulimit -Hn)" >"$CONTAINERS_CONF"
  printf 'unqualified-search-registries = []\n' >"$CONTAINERS_REGISTRIES_CONF"
}

# A stand-in for the published base image: Debian, Node and npm from the npm registry, the `node` user, the machine's certificate authorities.
build_base() {
  local root=$WORK/rootfs arch
  arch=$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x64)
  mmdebstrap --variant=minbase --include=ca-certificates --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$root" || return
  mkdir -p "$WORK/npm" && (cd "$WORK/npm" && npm install --no-save --no-package-lock "node-linux-$arch@22" npm@10) || return
  mkdir -p "$root/usr/local/bin" "$root/usr/local/lib/node_modules" "$root/usr/local/etc"
  cp "$WORK/npm/node_modules/node-linux-$arch/bin/node" "$root/usr/local/bin/node" || return
  cp -r "$WORK/npm/node_modules/npm" "$root/usr/local/lib/node_modules/npm" || return
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
  chroot "$root" groupadd -g 1000 node && chroot "$root" useradd -u 1000 -g node -m -s /bin/bash node || return
  cp "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$root/etc/ssl/certs/ca-certificates.crt" || return
  printf 'cafile=/etc/ssl/certs/ca-certificates.crt\nregistry=%s\n' "$(npm config get registry 2>/dev/null)" >"$root/usr/local/etc/npmrc"
  tar -C "$root" --numeric-owner -c . |
    podman import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' --change 'CMD ["node"]' - "$BASE" || return
  rm -rf "$root" "$WORK/npm"
}

plant() {
  mkdir -p "$WORK/app"
  tar -C "$APP" --exclude=./node_modules --exclude=./dist --exclude=./cdk.out -c . | tar -C "$WORK/app" -x || return
  mkdir -p "$WORK/app/packages/a" "$WORK/app/node_modules/planted" "$WORK/app/.git" "$WORK/app/dist"
  local file
  for file in .env .env.production packages/a/.env node_modules/planted/index.js .git/config dist/planted.js; do
    echo "SECRET=$MARKER" >"$WORK/app/$file"
  done
  echo "$CONTROL" >"$WORK/app/src/control.txt"
  printf '!.env\n!.env.production\n' >"$WORK/app/.dockerignore"
}

synthesize() {
  # a developer whose files only they may read
  (umask 077 && cd "$REPO" && CDK_DOCKER=/bin/false npx ts-node --transpile-only --project tsconfig.dev.json test/container/synth.ts "$WORK/app" "$WORK/cdk.out" "$DATABASE") || return
  CONTEXT=$(find "$WORK/cdk.out" -maxdepth 1 -name 'asset.*' -type d)
  [ -f "$CONTEXT/Dockerfile" ]
}

build() { podman build --format docker --pull=never -t "$IMAGE" "$CONTEXT"; }

free_port() { node -e "const s = require('net').createServer().listen(0, () => { console.log(s.address().port); s.close(); })"; }

run() { # port: as a task definition does, with everything taken away that can be
  podman run --detach --name "$NAME" --init --read-only --tmpfs /tmp --memory 512m --cap-drop ALL --security-opt no-new-privileges \
    --env "PORT=$1" --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/rds-ca-bundle.pem "$IMAGE"
}

healthy() { # port
  for _ in $(seq 60); do
    [ "$(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$1/health")" = 200 ] && return
    sleep 0.5
  done
  podman logs "$NAME"
  return 1
}

inside() { podman exec "$NAME" "$@"; }
not() { ! "$@"; }
is() { [ "$1" = "$2" ] || { echo "expected $2, got $1"; return 1; }; }
config() { podman image inspect --format "{{$1}}" "$IMAGE"; }

[ "$(id -u)" -eq 0 ] || stop_here 'needs root'
step 'install tools' install_tools
configure
step 'base image' build_base
step 'plant secrets' plant
step 'synthesize without Docker' synthesize
step 'build' build
SIZE=$(config .Size)
echo "     image: $((SIZE / 1000000)) MB, base: $(($(podman image inspect --format '{{.Size}}' "$BASE") / 1000000)) MB"

check 'runs as the node user' is "$(config .Config.User)" node
check 'starts the server without a shell' is "$(config .Config.Cmd)" '[node dist/server.mjs]'
check 'has no shell around it' is "$(config .Config.Entrypoint)" '[]'
check 'declares the port' is "$(config .Config.Env | tr ' []' '\n' | grep '^PORT=')" PORT=8080
check 'stages no planted secret' not grep -rl "$MARKER" "$CONTEXT"
check 'can find what is planted' grep -rlI "$CONTROL" "$WORK/storage/overlay"
check 'keeps a planted secret in no layer of any stage' not grep -rlI "$MARKER" "$WORK/storage/overlay"
check 'records no planted secret in its history' not grep -q "$MARKER" <(podman history --no-trunc "$IMAGE"; podman image inspect "$IMAGE")

PORT=$(free_port)
step 'start' run "$PORT"
check 'answers /health on the port it is given' healthy "$PORT"
check 'runs under an init' inside node -e 'process.exit(require("fs").readFileSync("/proc/1/cmdline", "utf8").includes("node\0") && process.pid !== 1 && /init|catatonit/.test(require("fs").readFileSync("/proc/1/comm", "utf8")) ? 0 : 1)'
check 'has user id 1000' is "$(inside node -p 'process.getuid()')" 1000
check 'cannot write its own files' not inside node -e 'require("fs").writeFileSync("/app/planted", "")'
check 'can write /tmp' inside node -e 'require("fs").writeFileSync("/tmp/scratch", "")'
check 'reads the certificate authorities of Amazon RDS' inside node -e 'process.exit(require("fs").readFileSync(process.env.NODE_EXTRA_CA_CERTS, "utf8").split("BEGIN CERTIFICATE").length > 80 ? 0 : 1)'
check 'loads them without a warning' not grep -qi 'extra certs' <(podman logs "$NAME" 2>&1)
check 'has the runtime' inside node -e 'process.exit(require("fs").existsSync("/app/node_modules/@flue/runtime") ? 0 : 1)'
check 'has no build tools' not inside node -e 'process.exit(["@flue/cli", "@flue/vite", "vite"].some((name) => require("fs").existsSync("/app/node_modules/" + name)) ? 0 : 1)'
check 'has no sources' is "$(inside node -p 'require("fs").readdirSync("/app").sort().join()')" dist,node_modules,package.json

STARTED=$(date +%s%N)
podman stop --time 60 "$NAME" >/dev/null 2>&1
STOPPED=$((($(date +%s%N) - STARTED) / 1000000))
EXIT=$(podman inspect --format '{{.State.ExitCode}}' "$NAME")
echo "     SIGTERM: exit $EXIT after $STOPPED ms"
check 'ends on SIGTERM by itself' grep -qE '^(0|143)$' <(echo "$EXIT")
check 'ends on SIGTERM within 5 s' [ "$STOPPED" -lt 5000 ]

# A rehearsal of the same image: the machine's own Node may be any that runs the command line.
rehearse() {
  printf 'API_TOKEN=container-token-8d21f0\n' >"$WORK/secrets.env"
  (cd "$REPO/examples/agents" &&
    node "$REPO/bin/cdk-flue" rehearse "$WORK/cdk.out" --image "$IMAGE" --engine podman --secrets "$WORK/secrets.env" --port "$(free_port)" >"$WORK/rehearsal.log" 2>&1)
  local status=$?
  cat "$WORK/rehearsal.log"
  return "$status"
}
check 'passes its rehearsal' rehearse
sed 's/^/     /' "$WORK/rehearsal.log"
check 'has the read-only root that the task asks for' grep -q '^ok *read-only-root' "$WORK/rehearsal.log"
[ "$DATABASE" = without-database ] || check 'keeps its state in Postgres over verified TLS' grep -q '^ok *database ' "$WORK/rehearsal.log"
check 'shows no token in its rehearsal' not grep -q container-token "$WORK/rehearsal.log"
