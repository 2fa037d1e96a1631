#!/bin/bash
# Logs in to the registry of the image, which forgets a login after hours, and pulls.
set -euo pipefail
# shellcheck source=lib.sh
. /opt/flue/lib.sh
export DOCKER_CONFIG=/run/flue/docker
install -d -m 0700 "$DOCKER_CONFIG"

registry=${IMAGE%%/*}
# without a dot or a port the first part is no host: the image is on Docker Hub
if [[ $registry != *[.:]* ]]; then registry=docker.io; fi

login() {
  if [[ $registry =~ ^[0-9]{12}\.dkr[.-]ecr(-fips)?\.([a-z0-9-]+)\. ]]; then
    aws ecr get-login-password --region "${BASH_REMATCH[2]}" | docker login --username AWS --password-stdin "$registry"
  elif [ -n "$REGISTRY_LOGIN" ]; then
    local user
    user=$(/opt/flue/resolve-secrets.py "$REGISTRY_LOGIN:username::")
    /opt/flue/resolve-secrets.py "$REGISTRY_LOGIN:password::" | docker login --username "$user" --password-stdin "$registry"
  fi
}

if login >/dev/null && docker pull -q "$IMAGE" >/dev/null; then
  # without a tag of its own an image that was pulled by its digest is one to prune
  docker tag "$IMAGE" flue-server:current
  docker image prune -f >/dev/null
else
  docker image inspect "$IMAGE" >/dev/null 2>&1 || { log "cannot pull $IMAGE"; exit 1; }
  log "cannot pull $IMAGE: starting the one that is here"
fi
