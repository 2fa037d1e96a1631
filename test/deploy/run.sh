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
trap 'rm -rf "$WORK"' EXIT

# The findings of a synthesis are others' matter; its failure is not.
TS_NODE_PROJECT=tsconfig.dev.json node --require ts-node/register/transpile-only test/deploy/app.ts "$WORK" >"$WORK/synthesis" 2>&1 || { cat "$WORK/synthesis"; exit 1; }

# The app of docs/regions.md, which the CLI runs many times: compiled once, in a folder that looks like the repository.
node node_modules/typescript-7/bin/tsc --ignoreConfig --noCheck --noResolve --module commonjs --target es2022 --rootDir . --outDir "$WORK/app" \
  test/deploy/regions.ts test/deploy/changing.ts
ln -s "$PWD/node_modules" "$PWD/docs" "$PWD/lib" "$WORK/app"
ln -s "$PWD/test/support" "$WORK/app/test"

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
export AWS_CLI PATH=$AWS_CLI/bin:$PATH

cd test/deploy
timeout 1500 "$TOOLS/venv/bin/python" rehearse.py "$WORK" 2>"$WORK/server.log" || { tail -40 "$WORK/server.log"; exit 1; }
