#!/bin/bash
# Boots the box, once: packages, address, disk, server. CloudFormation waits for the signal at the end.
set -euo pipefail
umask 022
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/aws/bin

step='Writing the files'
finish() {
  local status=$?
  trap - EXIT
  if [ "$status" -eq 0 ]; then
    signal --success true
    exit 0
  fi
  local reason="$step failed with status $status"
  if [ -s /run/flue/failure ]; then reason="$reason: $(head -c 500 /run/flue/failure)"; fi
  echo "flue: $reason" >&2
  # a box that did not get as far as the server is replaced; a server that does not answer is left to its unit and the watcher
  if ! systemctl --quiet is-enabled flue.service; then
    aws autoscaling set-instance-health --region "$REGION" --instance-id "$INSTANCE" \
      --health-status Unhealthy --no-should-respect-grace-period || true
  fi
  signal --success false --reason "$reason"
  exit "$status"
}
signal() {
  # outside of a deployment nobody waits for it, and it is refused
  cfn-signal "$@" --stack "$STACK" --resource "$RESOURCE" --region "$REGION" || true
}

install -d /opt/flue /etc/flue /var/lib/flue
install -d -m 0700 /run/flue
install -d -m 0750 /var/log/flue
cat >/etc/flue/box.env <<'END_OF_FILE'
{{settings}}
END_OF_FILE
# shellcheck source=/dev/null
. /etc/flue/box.env
INSTANCE=$(cat /var/lib/cloud/data/instance-id)
trap finish EXIT
# {{files}}
chmod 0600 /etc/flue/*

step='Fetching the scripts'
until aws s3 cp --no-progress --region "$REGION" "$SCRIPTS" /opt/flue/scripts.zip || [ "$SECONDS" -gt 120 ]; do sleep 5; done
python3 -m zipfile -e /opt/flue/scripts.zip /opt/flue
chmod 0755 /opt/flue/*
install -m 0644 /opt/flue/logrotate.conf /etc/logrotate.d/flue
install -D -m 0644 /opt/flue/logrotate.timer /etc/systemd/system/logrotate.timer.d/flue.conf
# shellcheck source=scripts/lib.sh
. /opt/flue/lib.sh
# shellcheck source=scripts/boot.sh
. /opt/flue/boot.sh
# shellcheck source=/dev/null
. "/opt/flue/$MODE.sh"
# {{fetchSchema}}

step='Installing packages'
# shellcheck disable=SC2086
retry 5 dnf install -y -q $PACKAGES
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/etc/flue/logs.json
systemctl daemon-reload
systemctl restart logrotate.timer || log 'logs are not rotated every hour'

step='Fetching the server'
reserve_memory
fetch_server

# one live owner: the address and the disk are taken over, and the server started, when the former box is gone
step='Waiting for the former box to end'
until_true "$FORMER_SECONDS" is_alone

step='Taking the address'
retry 5 aws ec2 associate-address --region "$REGION" --allocation-id "$ALLOCATION" --instance-id "$INSTANCE" --allow-reassociation

if [ -n "$VOLUME" ]; then
  step='Mounting the data volume'
  mount_data "$VOLUME"
fi
prepare_data

step='Starting the server'
systemctl enable flue.service flue-health.timer
if [ -n "$DOMAIN" ]; then systemctl enable --now flue-proxy.service; fi
# a failed start is tried again by the unit
systemctl start flue.service || true
systemctl start flue-health.timer

step="Waiting for a 2xx from $HEALTH_PATH"
if ! until_true "$STARTUP_SECONDS" answers; then
  if [ ! -s /run/flue/failure ]; then why_silent >/run/flue/failure; fi
  exit 1
fi
