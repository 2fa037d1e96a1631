#!/bin/bash
# The watcher: starts a server that is down, restarts one that has stopped answering, asks for another box where that does not help, and
# reports once a minute.
set -euo pipefail
# shellcheck source=lib.sh
. /opt/flue/lib.sh
install -d -m 0700 /run/flue
# how often in a row the server is started or restarted here before another box is to do it
RECOVERIES=5

# a box that is to end is held until its server has finished
if [ "$(imds autoscaling/target-lifecycle-state)" = Terminated ]; then
  log 'this box ends: stopping the server'
  systemctl stop flue-health.timer
  systemctl stop flue.service
  group=$(aws ec2 describe-instances --region "$REGION" --instance-ids "$INSTANCE" --output text \
    --query "Reservations[0].Instances[0].Tags[?Key=='aws:autoscaling:groupName'].Value | [0]")
  exec aws autoscaling complete-lifecycle-action --region "$REGION" --auto-scaling-group-name "$group" \
    --lifecycle-hook-name "$HOOK" --instance-id "$INSTANCE" --lifecycle-action-result CONTINUE
fi

age() { # seconds since the server was started
  local since now
  since=$(systemctl show -P ActiveEnterTimestampMonotonic flue.service)
  read -r now _ </proc/uptime
  echo $((${now%.*} - since / 1000000))
}

restart() {
  if [ "$ANSWER" != 000 ]; then
    systemctl --no-block restart flue.service
  # a server that does not even refuse has nothing that could use its time to stop; its unit starts the next
  elif [ "$MODE" = container ]; then
    docker kill flue >/dev/null
  else
    systemctl kill -s KILL flue.service
  fi
}

counted() { # name
  cat "/run/flue/$1" 2>/dev/null || echo 0
}

recover() { # what is done, command
  local tries
  tries=$(($(counted recoveries) + 1))
  if [ "$tries" -gt "$RECOVERIES" ]; then
    log "$RECOVERIES times in vain: this box is to be replaced"
    echo 0 >/run/flue/recoveries
    aws autoscaling set-instance-health --region "$REGION" --instance-id "$INSTANCE" \
      --health-status Unhealthy --no-should-respect-grace-period || true
    return
  fi
  echo "$tries" >/run/flue/recoveries
  log "$1 the server"
  shift
  "$@"
}

failures=0
healthy=1
if answers; then
  echo 0 >/run/flue/recoveries
else
  healthy=0
  case $(systemctl is-active flue.service || true) in
    active)
      if [ "$(age)" -ge "$GRACE_SECONDS" ]; then
        failures=$(($(counted failures) + 1))
        log "no 2xx from $HEALTH_PATH ($ANSWER), $failures of $UNHEALTHY_COUNT"
        if [ "$failures" -ge "$UNHEALTHY_COUNT" ]; then
          failures=0
          recover restarting restart
        fi
      fi
      ;;
    # its unit tries again after a failure of the server, and not after one of docker or the disk
    inactive | failed) recover starting systemctl --no-block start flue.service ;;
  esac
fi
echo "$failures" >/run/flue/failures

if [ $(($(date +%s) - $(cat /run/flue/reported 2>/dev/null || echo 0))) -lt 60 ]; then exit 0; fi
date +%s >/run/flue/reported

datum() { # name, unit, value
  printf '{"MetricName":"%s","Unit":"%s","Value":%s,"Dimensions":[{"Name":"Server","Value":"%s"}]}' "$1" "$2" "$3" "$SERVER"
}
used() { # path
  df --output=pcent "$1" | tail -n 1 | tr -dc 0-9
}
memory=$(awk '/^MemTotal/ { total = $2 } /^MemAvailable/ { free = $2 } END { print int(100 * (total - free) / total) }' /proc/meminfo)
data="$(datum Healthy Count "$healthy"),$(datum MemoryUtilization Percent "$memory"),$(datum DiskUtilization Percent "$(used /)")"
if [ -n "$VOLUME" ]; then data="$data,$(datum DataVolumeUtilization Percent "$(used /var/lib/flue/data)")"; fi
aws cloudwatch put-metric-data --region "$REGION" --namespace Flue --metric-data "[$data]"
