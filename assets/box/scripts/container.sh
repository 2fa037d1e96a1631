# shellcheck shell=bash disable=SC2154
# The steps of the boot for a server in a container.

fetch_server() {
  keep_secrets_off_disk
  systemctl enable --now docker.service
  retry 5 /opt/flue/pull-image.sh
  if [ -n "$DOMAIN" ]; then retry 5 docker pull -q "$PROXY_IMAGE"; fi
}

# docker and containerd write the environment of every container into these; nothing in them has to outlive a boot
keep_secrets_off_disk() {
  local directory
  for directory in /var/lib/docker/containers /var/lib/containerd/io.containerd.metadata.v1.bolt; do
    install -d -m 0700 "$directory"
    echo "tmpfs $directory tmpfs mode=0700,nosuid,nodev,size=64m 0 0" >>/etc/fstab
    mount "$directory"
  done
}

prepare_data() {
  if [ -n "$VOLUME" ]; then install -d -m 0700 -o 1000 -g 1000 "$DATA/server"; fi
}
