#!/bin/sh
# Runs once inside the box's root file system: leaves what Amazon Linux 2023 has at its first boot and hides the rest behind `dnf`.
set -eu
export DEBIAN_FRONTEND=noninteractive
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
apt-get install -y -qq --no-install-recommends systemd systemd-sysv dbus cloud-init python3 python3-jmespath udev curl xfsprogs e2fsprogs logrotate \
  iproute2 procps util-linux openssl docker.io iptables docker-registry apache2-utils caddy

mkdir -p /opt/stand-in/packages /opt/stand-in/lib
# The stand-in for `aws` answers --query; nothing else may find this module.
mv /usr/lib/python3/dist-packages/jmespath /opt/stand-in/lib/

hide() { # name, Debian packages…
  name=$1
  shift
  dpkg -L "$@" | while read -r file; do [ ! -d "$file" ] && { [ -e "$file" ] || [ -L "$file" ]; } && printf '%s\n' "${file#/}" || :; done >/tmp/files
  # shellcheck disable=SC2046
  tar -C / -cf "/opt/stand-in/packages/$name.tar" -T /tmp/files --remove-files
  find /etc/systemd/system -xtype l -delete
}
mkdir -p /opt/stand-in/world
cp /usr/bin/docker-registry /usr/bin/caddy /usr/bin/htpasswd /opt/stand-in/world/
hide docker docker.io containerd runc iptables
hide world docker-registry caddy apache2-utils
rm /opt/stand-in/packages/world.tar

# cloud-init as on Amazon Linux: no module of Debian's own.
sed -i -E '/^ - (growpart|resizefs|disk_setup|mounts|ca-certs|rsyslog|users-groups|ssh|snap|ssh-import-id|keyboard|locale|set-passwords|grub-dpkg|apt-pipelining|apt-configure|ntp|timezone|byobu|package-update-upgrade-install|fan|landscape|lxd|puppet|chef|mcollective|salt-minion|reset_rmc|refresh_rmc_and_interface|rightscale_userdata|ssh-authkey-fingerprints|keys-to-console|install-hotplug|update_etc_hosts|set_hostname|update_hostname)$/d' /etc/cloud/cloud.cfg
printf 'datasource_list: [ NoCloud ]\n' >/etc/cloud/cloud.cfg.d/90-datasource.cfg
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer getty@tty1.service \
  console-getty.service systemd-pstore.service cloud-init-hotplugd.socket systemd-udev-trigger.service systemd-logind.service
# the journal as on Amazon Linux: on disk
mkdir -p /var/log/journal
rm -rf /var/cache/apt/archives /var/lib/apt/lists /usr/sbin/policy-rc.d /tmp/files
