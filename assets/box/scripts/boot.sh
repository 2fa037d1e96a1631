# shellcheck shell=bash disable=SC2154
# The steps of the boot that both ways of running the server share.

# Whether no other box of this server exists any more.
is_alone() {
  local others
  others=$(aws ec2 describe-instances --region "$REGION" --output text \
    --filters "Name=tag:cdk-flue,Values=$SERVER" 'Name=instance-state-name,Values=pending,running,shutting-down,stopping' \
    --query "Reservations[].Instances[?InstanceId!='$INSTANCE'].InstanceId[]") || return 1
  if [ -n "$others" ]; then echo "$others is still there" >/run/flue/failure; return 1; fi
  rm -f /run/flue/failure
}

DATA=/var/lib/flue/data

# A quarter of the memory, and 400 MiB at least, is for the system, docker, the proxy and the agent; the server has the rest.
reserve_memory() {
  sed -i "s/@MEMORY_MIB@/$(awk '/^MemTotal/ { total = $2 / 1024; kept = total / 4 > 400 ? total / 4 : 400; print int(total - kept) }' /proc/meminfo)/" \
    /etc/systemd/system/flue.service
}

# What is known of a server that started and does not answer.
why_silent() {
  if [ -n "$VOLUME" ] && [ "$(df --output=avail "$DATA" | tail -n 1)" -lt 1024 ]; then
    echo 'the data volume is full'
  else
    echo "the last answer within $STARTUP_SECONDS s was $ANSWER"
  fi
}

mount_data() { # volume id
  until_true 300 attach "$1"
  until_true 60 find_device "$1"
  # an empty disk reads as zeros: what cannot be read, or holds anything at all, is never formatted
  if [ "$(probe)" = 2 ] && cmp -s -n 4194304 "$DEVICE" /dev/zero; then
    log "formatting $DEVICE"
    mkfs.ext4 -q -m 0 -L flue-data "$DEVICE"
  fi
  install -d "$DATA"
  echo "UUID=$(blkid -p -s UUID -o value "$DEVICE") $DATA ext4 defaults,nofail,nosuid,nodev 0 2" >>/etc/fstab
  systemctl daemon-reload
  mount "$DATA"
  resize2fs "$DEVICE"
}

# 0: something is on the disk; 2: no signature of anything; other: not known.
probe() {
  local status=0
  blkid -p "$DEVICE" >/dev/null 2>&1 || status=$?
  echo "$status"
}

attach() { # volume id
  local state owner
  read -r state owner < <(aws ec2 describe-volumes --region "$REGION" --volume-ids "$1" --output text \
    --query 'Volumes[0].[State,Attachments[0].InstanceId]') || return 1
  if [ "$owner" = "$INSTANCE" ]; then rm -f /run/flue/failure; return 0; fi
  echo "volume $1 is $state" >/run/flue/failure
  if [ "$state" = available ]; then
    aws ec2 attach-volume --region "$REGION" --volume-id "$1" --instance-id "$INSTANCE" --device /dev/sdf >/dev/null || true
  fi
  return 1
}

find_device() { # volume id
  local serial=${1/-/} candidate
  for candidate in "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_$serial" \
    "$(lsblk -dnpo NAME,SERIAL | awk -v serial="$serial" '$2 == serial { print $1 }')" /dev/sdf /dev/xvdf; do
    if [ -b "$candidate" ]; then
      DEVICE=$(readlink -f "$candidate")
      return 0
    fi
  done
  return 1
}
