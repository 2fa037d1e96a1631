# shellcheck shell=bash disable=SC2034
# What the scripts of the box share.

# shellcheck source=/dev/null
. /etc/flue/box.env
INSTANCE=$(cat /var/lib/cloud/data/instance-id)
ANSWER=none

log() {
  echo "flue: $*" >&2
}

retry() { # times, command
  local left=$1
  shift
  until "$@"; do
    left=$((left - 1))
    if [ "$left" -le 0 ]; then return 1; fi
    sleep 5
  done
}

until_true() { # seconds, command
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    if [ "$SECONDS" -ge "$end" ]; then return 1; fi
    sleep 2
  done
}

imds() { # path
  local session
  session=$(curl -sf -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token) || return
  curl -sf -m 5 -H "X-aws-ec2-metadata-token: $session" "http://169.254.169.254/latest/meta-data/$1"
}

# Whether the server answers 2xx; a redirect is not one.
answers() {
  ANSWER=$(curl -s -g -o /dev/null -m "$HEALTH_TIMEOUT" -w '%{http_code}' "http://127.0.0.1:$PORT$HEALTH_PATH") || true
  [[ $ANSWER == 2?? ]]
}
