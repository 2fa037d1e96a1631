# shellcheck shell=bash disable=SC2034
# The world around the boxes: a network of its own with registries, a certificate authority, a metadata service, a model and the npm registry.
# Nothing of it can be reached from the machine's network, and no box can reach the machine's.

ID=$$
WORLD=flue-world-$ID
ACCOUNT_REGISTRY=111122223333.dkr.ecr.eu-west-1.amazonaws.com
PUBLIC_REGISTRY=public.ecr.aws
ACME=acme-v02.api.letsencrypt.org
DOMAIN=agents.example.com
CADDY_IMAGE=docker/library/caddy
REPLACED=()
PIDS=()
LOOPS=()

clean_up() {
  local pid file
  for file in "$WORK"/pids/*; do
    [ ! -e "$file" ] || kill "$(cat "$file")" 2>/dev/null
  done
  podman rm --force --all --time 0 >/dev/null 2>&1
  for file in "$WORK"/loops/*; do
    [ ! -e "$file" ] || losetup -d "$(cat "$file")" 2>/dev/null
  done
  ip netns list | awk -v id="-$ID" '$1 ~ "^flue-.*" id "$" { print $1 }' | while read -r space; do ip netns del "$space"; done
}

install_tools() {
  install_podman || return
  command -v ip >/dev/null && command -v losetup >/dev/null && command -v mkfs.ext4 >/dev/null && command -v shellcheck >/dev/null && command -v openssl >/dev/null ||
    install_packages iproute2 util-linux mount e2fsprogs shellcheck openssl
  command -v node >/dev/null && [ -d "$REPO/node_modules" ] || { echo 'run npm ci first'; return 1; }
}

# The container base and the box start from the same bare Debian.
build_roots() {
  bare_root && cp -a "$ROOT_CACHE/bare" "$WORK/box" || return
  build_box >"$WORK/box.log" 2>&1 &
  local box=$!
  build_base || return
  wait "$box" || { cat "$WORK/box.log"; return 1; }
  pack_node
}

# Node.js 22 as Amazon Linux 2023 packs it, beside other versions.
pack_node() {
  local root=$WORK/node-package
  mkdir -p "$root/node/usr/bin" "$root/npm/usr/bin" "$root/npm/usr/lib/nodejs22" "$WORK/box/usr/etc"
  cp "$ROOT_CACHE"/npm/node_modules/node-linux-*/bin/node "$root/node/usr/bin/node-22" || return
  cp -r "$ROOT_CACHE/npm/node_modules/npm" "$root/npm/usr/lib/nodejs22/npm" || return
  ln -s node-22 "$root/node/usr/bin/node"
  ln -s ../lib/nodejs22/npm/bin/npm-cli.js "$root/npm/usr/bin/npm-22"
  ln -s npm-22 "$root/npm/usr/bin/npm"
  tar -C "$root/node" -cf "$WORK/box/opt/stand-in/packages/nodejs22.tar" usr && tar -C "$root/npm" -cf "$WORK/box/opt/stand-in/packages/nodejs22-npm.tar" usr || return
  cp "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$WORK/box/etc/ssl/certs/ca-certificates.crt" || return
  printf 'cafile=/etc/ssl/certs/ca-certificates.crt\nregistry=%s\n' "$(npm config get registry 2>/dev/null)" >"$WORK/box/usr/etc/npmrc"
}

build_box() {
  local root=$WORK/box status=0
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  install -m 0755 "$HERE/box/prepare.sh" "$root/tmp/prepare.sh"
  mount -t proc proc "$root/proc"
  chroot "$root" /tmp/prepare.sh || status=$?
  umount "$root/proc"
  [ "$status" -eq 0 ] || return "$status"
  rm -f "$root/tmp/prepare.sh" "$root/etc/resolv.conf" "$root/etc/hostname"
  mkdir -p "$root/stand-in"
  install -m 0755 "$HERE/box/aws" "$HERE/box/dnf" "$HERE/box/alternatives" "$root/usr/bin/" &&
    install -m 0755 "$HERE/box/plug" "$HERE/box/environ.py" "$root/opt/stand-in/" &&
    install -D -m 0755 "$HERE/box/cfn-signal" "$root/opt/aws/bin/cfn-signal" &&
    install -D -m 0755 "$HERE/box/amazon-cloudwatch-agent-ctl" "$WORK/agent/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl" || return
  tar -C "$WORK/agent" -cf "$root/opt/stand-in/packages/amazon-cloudwatch-agent.tar" opt
}

# The example itself.
stage_app() {
  mkdir -p "$WORK/app"
  tar -C "$REPO/examples/agents" --exclude=./node_modules --exclude=./dist --exclude=./cdk.out -c . | tar -C "$WORK/app" -x
}

# A program of the box, the libraries it is linked to, the files named, and nothing else: what is pushed is compressed first.
alone() { # root of the image, program, files…
  mkdir -p "$1/usr/bin"
  # shellcheck disable=SC2016
  chroot "$WORK/box" sh -c 'tar -ch $(ldd "$1" | grep -o "/[^ ]*")' sh "$2" | tar -C "$1" -x && cp "$WORK/box$2" "$1/usr/bin/" || return
  [ $# -eq 2 ] || tar -C "$WORK/box" -c "${@:3}" | tar -C "$1" -x
}

build_images() {
  stage_app || return
  build_agents && read_store "$ROOT_CACHE/agents" || return

  # four boxes pull it: Python is a tenth of Node.js
  alone "$WORK/probe/root" /usr/bin/python3.11 usr/lib/python3.11 && cp "$HERE/world/probe.py" "$WORK/probe/root/" || return
  printf 'FROM scratch\nCOPY root /\nUSER 1000\nCMD ["python3.11", "/probe.py"]\n' >"$WORK/probe/Dockerfile"
  podman build --format docker --pull=never -t localhost/probe "$WORK/probe" || return

  # the build that runs without a container: `dist` of the image
  local container
  container=$(podman create "$IMAGE") && podman cp "$container:/app/dist" "$WORK/app/dist" && podman rm "$container"
}

certificates() {
  mkdir -p "$WORK/tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=stand-in' -keyout "$WORK/tls/ca.key" -out "$WORK/tls/ca.crt" \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign' || return
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=world' -keyout "$WORK/tls/world.key" -out "$WORK/tls/world.csr" || return
  printf 'subjectAltName=DNS:%s,DNS:%s,DNS:%s\n' "$ACCOUNT_REGISTRY" "$PUBLIC_REGISTRY" "$ACME" >"$WORK/tls/names"
  openssl x509 -req -in "$WORK/tls/world.csr" -CA "$WORK/tls/ca.crt" -CAkey "$WORK/tls/ca.key" -CAcreateserial -days 2 -extfile "$WORK/tls/names" -out "$WORK/tls/world.crt" || return
  # dockerd knows the authority of the registries by a file of its own; nothing else on a box does
  mkdir -p "$WORK/box/etc/docker/certs.d/$ACCOUNT_REGISTRY" "$WORK/box/etc/docker/certs.d/$PUBLIC_REGISTRY"
  cp "$WORK/tls/ca.crt" "$WORK/box/etc/docker/certs.d/$ACCOUNT_REGISTRY/ca.crt"
  cp "$WORK/tls/ca.crt" "$WORK/box/etc/docker/certs.d/$PUBLIC_REGISTRY/ca.crt"
  # docker in docker: the box has no cgroup of its own to show a container
  printf '{ "default-cgroupns-mode": "private" }\n' >"$WORK/box/etc/docker/daemon.json"
}

in_world() { ip netns exec "$WORLD" "$@"; }

serve() { # name, command…: runs until the end
  local name=$1
  shift
  mkdir -p "$WORK/pids" "$WORK/logs"
  ip netns exec "$WORLD" "$@" >"$WORK/logs/$name.log" 2>&1 &
  echo $! >"$WORK/pids/$name"
}

registry() { # name, address, lines of its configuration…
  local name=$1 address=$2
  shift 2
  mkdir -p "$WORK/registry-$name"
  {
    printf 'version: 0.1\nlog: { level: warn }\nstorage: { filesystem: { rootdirectory: %s } }\n' "$WORK/registry-$name"
    printf 'http: { addr: "%s:443", tls: { certificate: %s, key: %s } }\n' "$address" "$WORK/tls/world.crt" "$WORK/tls/world.key"
    printf '%s\n' "$@"
  } >"$WORK/registry-$name.yml"
  serve "registry-$name" "$WORK/box/opt/stand-in/world/docker-registry" serve "$WORK/registry-$name.yml"
}

build_world() {
  certificates || return
  local address
  ip netns add "$WORLD" && ip -n "$WORLD" link set lo up && ip -n "$WORLD" link add br0 address 02:00:0a:4d:00:01 type bridge && ip -n "$WORLD" link set br0 up || return
  for address in 10.77.0.1/24 10.77.0.2/24 10.77.0.3/24 10.77.0.4/24 10.77.0.5/24 169.254.169.254/32; do
    ip -n "$WORLD" address add "$address" dev br0 || return
  done

  # ECR refuses a login other than AWS with the token of the account; the public gallery takes everyone
  chroot "$WORK/box" /opt/stand-in/world/htpasswd -Bbn AWS stand-in-ecr-password >"$WORK/htpasswd" || return
  registry account 10.77.0.2 "auth: { htpasswd: { realm: ecr, path: $WORK/htpasswd } }"
  registry public 10.77.0.3
  mkdir -p "$WORK/imds"
  serve imds python3 "$HERE/world/imds.py" "$WORK/imds"
  serve model "$WORK/node-package/node/usr/bin/node-22" --disable-warning=ExperimentalWarning "$HERE/world/model.mjs" 10.77.0.1 9999
  authority
  npm_registry
}

# Let's Encrypt's address is answered by a certificate authority of our own that validates as the real one does.
authority() {
  mkdir -p "$WORK/acme"
  cat >"$WORK/acme/Caddyfile" <<EOF
{
	admin off
	auto_https off
	skip_install_trust
	default_bind 10.77.0.4
	storage file_system $WORK/acme
}
https://$ACME {
	tls $WORK/tls/world.crt $WORK/tls/world.key
	log
	rewrite /directory /acme/local/directory
	acme_server
}
EOF
  printf '127.0.0.1 localhost\n10.77.0.11 %s\n' "$DOMAIN" >"$WORK/hosts"
  # shellcheck disable=SC2016
  serve authority env HOME="$WORK/acme" sh -c 'mount --bind "$1" /etc/hosts && exec "$2" run --config "$3" --adapter caddyfile' sh \
    "$WORK/hosts" "$WORK/box/opt/stand-in/world/caddy" "$WORK/acme/Caddyfile"
}

# The way to the machine's npm registry, the only one out of this world.
npm_registry() {
  local host
  host=$(node -p 'new URL(process.argv[1]).hostname' "$(npm config get registry 2>/dev/null)")
  echo "$host" >"$WORK/npm-host"
  serve npm node "$HERE/world/relay.mjs" listen 10.77.0.5 443 "$WORK/npm.sock"
  node "$HERE/world/relay.mjs" connect "$host" 443 "$WORK/npm.sock" >"$WORK/logs/npm-out.log" 2>&1 &
  echo $! >"$WORK/pids/npm-out"
}

push() { # image, address, name and tag
  in_world podman push --quiet --tls-verify=false --creds AWS:stand-in-ecr-password --digestfile "$WORK/digest" "$1" "docker://$2/$3"
}

push_images() {
  local tag
  tag=$(cat "$WORK"/synth/*/user-data | sed -n "s/^PROXY_IMAGE='.*caddy:\(.*\)'$/\1/p" | head -n 1)
  [ -n "$tag" ] || return 0
  local root=$WORK/caddy/root
  alone "$root" /opt/stand-in/world/caddy && mkdir -p "$root/etc/ssl/certs" || return
  # the authority that answers for Let's Encrypt is the only one that this image trusts
  cp "$WORK/tls/ca.crt" "$root/etc/ssl/certs/ca-certificates.crt"
  printf 'FROM scratch\nCOPY root /\nENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data\nCMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]\n' \
    >"$WORK/caddy/Dockerfile"
  podman build --format docker --pull=never -t localhost/caddy "$WORK/caddy" || return
  push localhost/caddy 10.77.0.3 "$CADDY_IMAGE:$tag"
}

push_servers() {
  local image digests=()
  for image in flue-agents probe; do
    push "localhost/$image" 10.77.0.2 "$image:test" || return
    digests+=("\"$image\": \"$(cat "$WORK/digest")\"")
  done
  local IFS=,
  echo "{ ${digests[*]} }" >"$WORK/digests.json"
}

synthesize() {
  push_servers || return
  (cd "$REPO" && npx ts-node --transpile-only --project tsconfig.dev.json test/boot/synth.ts "$WORK/digests.json" "$WORK/app" "$WORK/synth" "${BOXES[@]}")
}
