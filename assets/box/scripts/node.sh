# shellcheck shell=bash disable=SC2154
# The steps of the boot for a build that runs on the Node.js of the system.

fetch_server() {
  if [ -x /usr/bin/node-22 ]; then alternatives --set node /usr/bin/node-22 || true; fi
  if ! node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)'; then
    echo "Flue needs Node.js 22, found $(node --version)" >/run/flue/failure
    return 1
  fi
  useradd --system --user-group --home-dir /var/lib/flue/home --create-home flue
  install -d -o flue -g flue /opt/flue/app
  retry 5 aws s3 cp --no-progress --region "$REGION" "$BUILD" /opt/flue/build.zip
  (cd /opt/flue/app && python3 -m zipfile -e /opt/flue/build.zip . && chown -R flue:flue .)
  retry 2 as_server npm ci --omit=dev --no-audit --no-fund || as_server npm install --omit=dev --no-audit --no-fund
  # the server may read what it runs, and not change it
  chown -R root:root /opt/flue/app
  if [ -n "$DOMAIN" ]; then
    systemctl enable --now docker.service
    retry 5 docker pull -q "$PROXY_IMAGE"
  fi
}

as_server() { # command
  runuser -u flue -- env -C /opt/flue/app HOME=/var/lib/flue/home "$@"
}

prepare_data() {
  if [ -n "$VOLUME" ]; then install -d -m 0700 -o flue -g flue "$DATA/server"; fi
}
