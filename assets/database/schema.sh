#!/bin/bash
# Makes the role and the schema of the server on a box, before the server starts.
# Nothing that it reads reaches the server: it runs by itself, and keeps the secrets in its own environment.
set -euo pipefail
# shellcheck source=lib.sh
. /opt/flue/lib.sh
# shellcheck source=/dev/null
. /etc/flue/schema.env

for name in SCHEMA_URL ADMIN_USER ADMIN_PASSWORD; do
  value=$(/opt/flue/resolve-secrets.py "${!name}")
  declare "$name=$value"
done
export SCHEMA_URL ADMIN_USER ADMIN_PASSWORD SCHEMA_FLEET SCHEMA_PARTITION SCHEMA_STACK NODE_EXTRA_CA_CERTS
# an empty one would replace that of the image
if [ -z "$NODE_EXTRA_CA_CERTS" ]; then unset NODE_EXTRA_CA_CERTS; fi

if [ "$MODE" = container ]; then
  docker rm --force flue-schema >/dev/null 2>&1 || true
  node=(docker run --rm --interactive --init --name flue-schema --user 1000:1000 --read-only --cap-drop ALL --security-opt no-new-privileges
    --log-driver none --env SCHEMA_URL --env ADMIN_USER --env ADMIN_PASSWORD --env SCHEMA_FLEET --env SCHEMA_PARTITION --env SCHEMA_STACK --env NODE_EXTRA_CA_CERTS
    --entrypoint node "$IMAGE")
else
  node=(runuser -u flue -- node)
fi
if ! "${node[@]}" --input-type=module - </opt/flue/schema.mjs 2>/run/flue/schema.log; then
  tail -n 1 /run/flue/schema.log >/run/flue/failure
  cat /run/flue/schema.log >&2
  exit 1
fi
