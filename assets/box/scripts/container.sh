# shellcheck shell=bash disable=SC2154
# The steps of the boot for a server in a container.

fetch_server() {
  # three quarters of the memory: the rest is for the system, the proxy and the agent
  sed -i "s/@MEMORY_MIB@/$(awk '/^MemTotal/ { print int($2 * 3 / 4096) }' /proc/meminfo)/" /etc/systemd/system/flue.service
  systemctl enable --now docker.service
  retry 5 /opt/flue/pull-image.sh
  if [ -n "$DOMAIN" ]; then retry 5 docker pull -q "$PROXY_IMAGE"; fi
}

prepare_data() {
  if [ -n "$VOLUME" ]; then install -d -m 0700 -o 1000 -g 1000 "$DATA/server"; fi
}
