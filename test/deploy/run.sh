#!/usr/bin/env bash
# Installs the emulator aside, under .tools/, starts it on the loopback and rehearses the deployment of the example.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v python3 >/dev/null; then
  if [ "${CI:-}" = true ]; then
    echo 'python3 is missing: the emulator cannot be installed' >&2
    exit 1
  fi
  echo 'SKIPPED: python3 is missing, so the emulator cannot be installed'
  echo '0 passed, 0 failed, 1 skipped'
  exit 0
fi

[ -e lib/index.js ] || npx projen compile
. test/deploy/tools.sh
. test/operations/commands/tools.sh

WORK=$(mktemp -d)
SERVER=
cleanup() {
  [ -z "$SERVER" ] || { kill "$SERVER" && wait "$SERVER"; } 2>/dev/null || true
  rm -rf "$WORK"
}
trap cleanup EXIT

# The findings of a synthesis are others' matter; its failure is not.
TS_NODE_PROJECT=tsconfig.dev.json node --require ts-node/register/transpile-only test/deploy/app.ts "$WORK" >"$WORK/synthesis" 2>&1 || { cat "$WORK/synthesis"; exit 1; }

PORT=$("$TOOLS/venv/bin/python" -c 'import socket; it = socket.socket(); it.bind(("127.0.0.1", 0)); print(it.getsockname()[1])')
export AWS_ENDPOINT_URL=http://127.0.0.1:$PORT AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION=http://localhost:$PORT
# No profile, no role and no account of this machine.
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
# The CLI remembers the account of a key.
export AWS_ACCESS_KEY_ID=operator-of-111122223333 AWS_SECRET_ACCESS_KEY=operator AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
unset AWS_PROFILE AWS_SESSION_TOKEN
export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
export FUNCTION_MODULES=$TOOLS/functions/node_modules EMULATOR_LOST=$WORK/lost
# Compiled once, and not beside the sources.
export PYTHONPYCACHEPREFIX=$TOOLS/bytecode
unset PYTHONDONTWRITEBYTECODE
export NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$WORK/compiled}
# after the endpoint: the AWS CLI of the commands that a page has
export PATH=$AWS_CLI/bin:$PATH

cd test/deploy
"$TOOLS/venv/bin/python" -m emulator.server "$PORT" >"$WORK/server.log" 2>&1 &
SERVER=$!
for _ in $(seq 120); do
  if curl --silent --output /dev/null "$AWS_ENDPOINT_URL/moto-api/"; then break; fi
  kill -0 "$SERVER" || { cat "$WORK/server.log"; exit 1; }
  sleep 0.5
done
timeout 1500 "$TOOLS/venv/bin/python" rehearse.py "$WORK" || { tail -40 "$WORK/server.log"; exit 1; }
