#!/usr/bin/env bash
# Builds the image that FlueImage stages for an app and runs it as a task would.
# Usage: run.sh [repository [folder]], examples/agents by default; the folder is that of the app in a workspace.
# Needs root, apt and the npm registry; a compiled library for the rehearsal, and examples/agents installed for its Postgres.
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=image.sh
. "$(dirname "$0")/image.sh"

APP=$(cd "${1:-$REPO/examples/agents}" && pwd) || exit 1
FOLDER=${2:-.}
# An app without a database module keeps its state in memory.
DATABASE=$([ -f "$APP/$FOLDER/src/db.ts" ] && echo with-database || echo without-database)
NAME=flue-agents-$$
# The agent of the example can be asked to use its shell.
AGENT=$([ "$APP" = "$REPO/examples/agents" ] && echo /agents/assistant/container || true)
# The folder of the image.
PLACE=$([ -n "$AGENT" ] && echo "$ROOT_CACHE/agents" || echo "$WORK/image")

# Whether Node.js trusts a server with that certificate, and the file that it reads has the authorities of Amazon RDS too.
TRUSTS='const [key, cert] = process.argv.slice(1), https = require("https");
if (require("fs").readFileSync(process.env.NODE_EXTRA_CA_CERTS, "utf8").split("BEGIN CERTIFICATE").length < 82) process.exit(1);
const server = https.createServer({ key, cert }, (_, response) => response.end()).listen(0, "localhost", () =>
  https.get({ host: "localhost", port: server.address().port, agent: false }, () => process.exit(0)).on("error", (error) => { console.error(error); process.exit(1); }));'

# The merge that docs/image.md names for a Dockerfile of your own.
merge() {
  mkdir -p "$WORK/merge"
  cp "$PLACE/company.pem" "$WORK/merge/corp.pem" && cp "$REPO/assets/image/rds-ca-bundle.pem" "$WORK/merge/rds.pem" || return
  printf 'FROM %s\nCOPY rds.pem corp.pem /\nRUN cat /rds.pem /corp.pem > /etc/ssl/certs/server.pem\nENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/server.pem\nUSER node\n' "$BASE" >"$WORK/merge/Dockerfile"
  podman build --format docker --pull=never -t localhost/flue-merge "$WORK/merge"
}

build_image() {
  if [ -n "$AGENT" ]; then build_agents; else build_app "$PLACE" "$APP" "$FOLDER" "$DATABASE"; fi || return
  read_store "$PLACE"
}

free_port() { node -e "const s = require('net').createServer().listen(0, () => { console.log(s.address().port); s.close(); })"; }

MODEL_ENV=()
MODEL_PID=
clean_up() { [ -z "$MODEL_PID" ] || kill "$MODEL_PID"; }

# A model that does as it is told, in the place of a provider's.
model() {
  local agents=$REPO/examples/agents line
  # before the process in the background opens it
  : >"$WORK/model.env"
  "$agents/node_modules/node/bin/node" "$agents/test/support/echo-model.ts" >"$WORK/model.env" &
  MODEL_PID=$!
  for _ in $(seq 40); do
    [ "$(wc -l <"$WORK/model.env")" -lt 2 ] || break
    sleep 0.25
  done
  while read -r _ line; do MODEL_ENV+=(--env "$line"); done <"$WORK/model.env"
  [ "${#MODEL_ENV[@]}" -eq 4 ]
}

ask() { # message
  curl --silent --max-time 60 --header 'content-type: application/json' --data "{\"message\":\"$1\"}" "http://127.0.0.1:$PORT$AGENT"
}

run() { # port: as a task definition does, with everything taken away that can be; /tmp is the volume that the image declares
  podman run --detach --name "$NAME" --init --read-only --read-only-tmpfs=false --memory 512m --cap-drop ALL --security-opt no-new-privileges \
    --env "PORT=$1" --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/rds-ca-bundle.pem "${MODEL_ENV[@]}" "$IMAGE"
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
config() { podman image inspect --format "{{$1}}" "$IMAGE"; }

[ "$(id -u)" -eq 0 ] || stop_here 'needs root'
step 'install tools' install_podman
configure
step 'base image' build_base
step 'plant secrets, synthesize without Docker, build' build_image
CONTEXT=$(context_of "$PLACE")
SIZE=$(config .Size)
echo "     image: $((SIZE / 1000000)) MB, base: $(($(podman image inspect --format '{{.Size}}' "$BASE") / 1000000)) MB"

check 'runs as the node user' is "$(config .Config.User)" node
check 'starts the server without a shell' is "$(config .Config.Cmd)" '[node dist/server.mjs]'
check 'has no shell around it' is "$(config .Config.Entrypoint)" '[]'
check 'declares the port' is "$(config .Config.Env | tr ' []' '\n' | grep '^PORT=')" PORT=8080
check 'stages no planted secret' not grep -rl "$PLANTED" "$CONTEXT"
check 'can find what is planted' grep -rlI "$CONTROL" "$PLACE/storage/overlay"
check 'keeps a planted secret in no layer of any stage' not grep -rlI "$PLANTED" "$PLACE/storage/overlay"
check 'records no planted secret in its history' not grep -q "$PLANTED" <(podman history --no-trunc "$IMAGE"; podman image inspect "$IMAGE")

[ -z "$AGENT" ] || step 'model' model
PORT=$(free_port)
step 'start' run "$PORT"
check 'answers /health on the port it is given' healthy "$PORT"
check 'runs under an init' inside node -e 'process.exit(require("fs").readFileSync("/proc/1/cmdline", "utf8").includes("node\0") && process.pid !== 1 && /init|catatonit/.test(require("fs").readFileSync("/proc/1/comm", "utf8")) ? 0 : 1)'
check 'has user id 1000' is "$(inside node -p 'process.getuid()')" 1000
check 'cannot write its own files' not inside node -e 'require("fs").writeFileSync("/app/planted", "")'
check 'can write /tmp' inside node -e 'require("fs").writeFileSync("/tmp/scratch", "")'
check 'reads the certificate authorities of Amazon RDS' inside node -e 'process.exit(require("fs").readFileSync(process.env.NODE_EXTRA_CA_CERTS, "utf8").split("BEGIN CERTIFICATE").length > 80 ? 0 : 1)'
check 'trusts a company whose certificate caBundleFile adds' inside node -e "$TRUSTS" -- "$(cat "$PLACE/company.key")" "$(cat "$PLACE/company.pem")"
check 'does not trust it without that file' not podman exec --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$NAME" node -e "$TRUSTS" -- "$(cat "$PLACE/company.key")" "$(cat "$PLACE/company.pem")"
step 'merge in a Dockerfile of your own' merge
check 'trusts a company whose certificate an own Dockerfile merges' podman run --rm localhost/flue-merge node -e "$TRUSTS" -- "$(cat "$PLACE/company.key")" "$(cat "$PLACE/company.pem")"
check 'loads them without a warning' not grep -qi 'extra certs' <(podman logs "$NAME" 2>&1)
check 'has the runtime' inside node -e 'process.exit(require("fs").existsSync("node_modules/@flue/runtime") ? 0 : 1)'
check 'has no build tools' inside node -e 'process.exit(["@flue/cli", "@flue/vite", "vite"].some((name) => require("fs").existsSync("node_modules/" + name) || require("fs").existsSync("/app/node_modules/.pnpm/node_modules/" + name)) ? 1 : 0)'
check 'has no sources' is "$(inside node -p 'require("fs").readdirSync(".").sort().join()')" dist,node_modules,package.json
if [ -n "$AGENT" ]; then
  check 'an agent answers' grep -q 'turn 1: hello' <(ask hello)
  check 'an agent uses its shell, files included' grep -q 'tool said: kept 42' <(ask 'run: echo kept $((6 * 7)) > /tmp/note && cat /tmp/note')
fi

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
    node "$REPO/bin/cdk-flue" rehearse "$PLACE/cdk.out" --image "$IMAGE" --engine podman --secrets "$WORK/secrets.env" --port "$(free_port)" >"$WORK/rehearsal.log" 2>&1)
  local status=$?
  cat "$WORK/rehearsal.log"
  return "$status"
}
check 'passes its rehearsal' rehearse
sed 's/^/     /' "$WORK/rehearsal.log"
check 'has the read-only root that the task asks for' grep -q '^ok *read-only-root' "$WORK/rehearsal.log"
[ "$DATABASE" = without-database ] || check 'keeps its state in Postgres over verified TLS' grep -q '^ok *database ' "$WORK/rehearsal.log"
check 'shows no token in its rehearsal' not grep -q container-token "$WORK/rehearsal.log"
