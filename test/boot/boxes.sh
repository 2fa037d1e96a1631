# shellcheck shell=bash
# Boxes, and what is asked of each. A box is a container with systemd as its first process, its own network and its own disk.

MARKER=planted-secret-5d1e77
TOKEN=$MARKER-token

container() { echo "flue-$1-$ID"; }
home() { echo "$WORK/boxes/$1"; }
# As `podman exec`, which takes the processor for a tenth of a second each time.
on() { # box, command…
  nsenter --target "$(cat "$(home "$1")/pid")" --all env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${@:2}"
}

edit() { # box, Python statements on `cloud`
  python3 - "$(home "$1")/cloud.json" "$2" <<'PY'
import json, sys
path, code = sys.argv[1:]
cloud = json.load(open(path, encoding='utf-8'))
exec(code)
json.dump(cloud, open(path, 'w', encoding='utf-8'), ensure_ascii=False, indent=2)
PY
}

imds() { # box, Python statements on `box`
  python3 - "$WORK/imds/$(cat "$(home "$1")/address").json" "$2" <<'PY'
import json, sys
path, code = sys.argv[1:]
try:
    box = json.load(open(path))
except FileNotFoundError:
    box = {}
exec(code)
json.dump(box, open(path, 'w'))
PY
}

volume() { # name, MiB: a disk that outlives boxes; prints its device
  mkdir -p "$WORK/loops"
  truncate -s "$2M" "$WORK/$1.img"
  losetup --find --show "$WORK/$1.img" | tee "$WORK/loops/$1"
}

snapshot() { # box, volume, name: as EBS makes one, of what the disk holds at one moment while the server runs, without what is in memory
  podman pause "$(container "$1")" >/dev/null || return
  cp --sparse=always "$WORK/$2.img" "$WORK/$3.img"
  local status=$?
  podman unpause "$(container "$1")" >/dev/null && return "$status"
}

prepare() { # box, scenario, last part of its address, instance id, device of its data volume
  local box=$1 scenario=$2 address=10.77.0.$3 instance=$4 loop=${5:-} directory
  directory=$(home "$box")
  mkdir -p "$directory/seed" "$directory/docker" || return
  cp -r "$WORK/synth/$scenario/cloud.json" "$WORK/synth/$scenario/expected.json" "$WORK/synth/$scenario/s3" "$directory/" || return
  cp "$WORK/synth/$scenario/user-data" "$directory/seed/user-data"
  printf 'instance-id: %s\nlocal-hostname: %s\n' "$instance" "$box" >"$directory/seed/meta-data"
  : >"$directory/calls"
  echo "$address" >"$directory/address"
  edit "$box" "
cloud['instanceId'] = '$instance'
cloud['instances'].append({'InstanceId': '$instance', 'State': {'Name': 'running'}, 'Tags': cloud['tags']})
for volume in cloud['volumes']: volume['_loop'] = '$loop'"
  imds "$box" "box.update(instanceId='$instance', region='eu-west-1', account='111122223333', hopLimit=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["hopLimit"] or 1)' "$directory/cloud.json"))"
}

boot() { # box
  local box=$1 address space
  address=$(cat "$(home "$box")/address")
  space=flue-$box-$ID
  ip netns add "$space" && ip -n "$WORLD" link add "v-$box" type veth peer name eth0 netns "$space" &&
    ip -n "$WORLD" link set "v-$box" master br0 up && ip -n "$space" link set lo up && ip -n "$space" address add "$address/24" dev eth0 &&
    ip -n "$space" link set eth0 up && ip -n "$space" route add default via 10.77.0.1 || return
  podman run --detach --name "$(container "$box")" --pidfile "$(home "$box")/pid" --privileged --systemd=always --stop-timeout 60 --network "ns:/run/netns/$space" \
    --add-host "$ACCOUNT_REGISTRY:10.77.0.2" --add-host "$PUBLIC_REGISTRY:10.77.0.3" --add-host "$ACME:10.77.0.4" \
    --add-host "$(cat "$WORK/npm-host"):10.77.0.5" --add-host "$DOMAIN:10.77.0.11" \
    --volume "$(home "$box"):/stand-in" --volume "$(home "$box")/seed:/var/lib/cloud/seed/nocloud:ro" --volume "$(home "$box")/docker:/var/lib/docker" \
    --rootfs "$WORK/box:O" /sbin/init >/dev/null
  BOOTED=$SECONDS
}

# The layers that a box has pulled, for the boxes after it: they log in and pull too, and what they have is not fetched and unpacked again.
lend_layers() { # box, another one
  local from to layer
  from=$(home "$1")/docker to=$(home "$2")/docker
  mkdir -p "$to/image/overlay2/layerdb" "$to/overlay2/l" || return
  cp -a "$from/image/overlay2/distribution" "$to/image/overlay2/" && cp -a "$from/image/overlay2/layerdb/sha256" "$to/image/overlay2/layerdb/" || return
  cat "$from"/image/overlay2/layerdb/sha256/*/cache-id | grep -oE '[0-9a-f]{64}' | while read -r layer; do
    cp -al "$from/overlay2/$layer" "$to/overlay2/" && cp -a "$from/overlay2/l/$(cat "$from/overlay2/$layer/link")" "$to/overlay2/l/" || return
  done
}

destroy() { # box: as EC2 ends an instance
  podman stop --time 60 "$(container "$1")" >/dev/null 2>&1
  podman rm --force --time 0 "$(container "$1")" >/dev/null
  ip netns del "flue-$1-$ID"
}

# What a busy machine may take for one second of an idle one: nothing here is a measurement, and only a failure waits that long.
PATIENCE=5
until_true() { # seconds on an idle machine, command…
  local end=$((SECONDS + $1 * PATIENCE))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || { echo "not within its time: $*"; return 1; }
    sleep 0.5
  done
}

signalled() { [ -s "$(home "$1")/signals" ]; }
signal_of() { # box, field
  python3 -c 'import json, sys; print(json.loads(open(sys.argv[1]).readline())[sys.argv[2]])' "$(home "$1")/signals" "$2"
}

await_signal() { # box, seconds
  until_true "$2" signalled "$1" || { show "$1"; return 1; }
}

show() { # box: what went wrong
  on "$1" sh -c 'tail -n 25 /var/log/cloud-init-output.log; tail -n 15 /var/log/flue/*.log; systemctl --failed --no-legend; journalctl -u "flue*" --no-pager | tail -n 15'
  tail -n 6 "$(home "$1")/calls"
}

check_boot() { # box, seconds: it signals success, and exactly once
  check "$1: the box comes up and signals success" await_signal "$1" "$2"
  echo "     $1: signal after $((SECONDS - BOOTED)) s"
  if ! signalled "$1" || [ "$(signal_of "$1" status)" != SUCCESS ]; then
    check "$1: success is what it signals" is "$(cat "$(home "$1")/signals" 2>&1)" SUCCESS
    show "$1" | sed 's/^/     /'
    return 1
  fi
  check "$1: one signal, to the group that waits for it" signal_matches "$1"
  check "$1: cloud-init is content" cloud_init_done "$1" 20
}

cloud_init_done() { # box, seconds
  on "$1" timeout $(($2 * PATIENCE)) cloud-init status --wait | grep -qx 'status: done'
}

signal_matches() {
  is "$(wc -l <"$(home "$1")/signals")" 1 && is "$(signal_of "$1" region)" eu-west-1 &&
    is "$(signal_of "$1" resource)" "$(sed -n "s/^RESOURCE='\(.*\)'/\1/p" "$(home "$1")/seed/user-data")" &&
    is "$(signal_of "$1" stack)" "$(sed -n "s/^STACK='\(.*\)'/\1/p" "$(home "$1")/seed/user-data")"
}

lawful() { # box: nothing was asked of AWS that the stand-in or the role does not know
  local file
  for file in refused denied; do
    [ ! -e "$(home "$1")/$file" ] || { echo "$file:"; cat "$(home "$1")/$file"; return 1; }
  done
  [ -s "$(home "$1")/calls" ]
}

status() { # url, curl options…
  local url=$1
  shift
  in_world curl --silent --globoff --max-time 20 --output /dev/null --write-out '%{http_code}' "$@" "$url"
}

answers() { is "$(status "$@")" 200; }

secure() { echo --cacert "$WORK/acme/pki/authorities/local/root.crt" --resolve "$DOMAIN:443:10.77.0.11" --resolve "$DOMAIN:80:10.77.0.11"; }

# The process of the server itself, seen from the box.
# How what the server has mounted is mounted: the root, /tmp, the data volume.
writable() { # box
  # shellcheck disable=SC2016
  on "$1" awk '$2 == "/" || $2 == "/tmp" || $2 == data { split($4, options, ","); print $2 ":" options[1] }' data=/data "/proc/$(server_pid "$1")/mounts" | LC_ALL=C sort -r | tr '\n' ' ' | sed 's/ $//'
}

server_pid() { on "$1" pgrep -f -o '^((/[^ ]*/)?node dist/server\.mjs|python3\.11 /probe\.py)'; }

restarts() { on "$1" systemctl show -P NRestarts flue.service; }
state() { on "$1" systemctl is-active "$2"; }

# Every file of a file system that is a disk, and what the journal says.
on_disk() { # box, text: prints where it is
  # shellcheck disable=SC2016
  on "$1" sh -c '
    findmnt -rno TARGET,FSTYPE | while read -r target type; do
      case $target in /stand-in* | /var/lib/cloud/seed/* | */merged) continue ;; esac
      case $type in overlay | ext4 | xfs) find "$target" -xdev -type f -print0 | xargs -0r grep -laF -- "$1" ;; esac
    done
    if journalctl --no-pager --output=export | grep -aF -- "$1" >/dev/null; then echo the journal; fi' sh "$2"
}

# Whether the search sees every place that it is to see.
search_works() { # box, places…
  local box=$1 place
  shift
  for place; do on "$box" sh -c 'echo "planted-$1" >"$2/planted-control"' sh control-77ab20 "$place"; done
  on "$box" logger planted-control-77ab20
  on "$box" journalctl --sync
  is "$(on_disk "$box" planted-control-77ab20 | sort | tr '\n' ' ')" "$(printf '%s\n' "${@/%//planted-control}" 'the journal' | sort | tr '\n' ' ')"
}

nowhere_on_disk() { # box
  local found
  found=$(on_disk "$1" "$MARKER")
  [ -z "$found" ] || { echo "$found"; return 1; }
}

not_on_command_lines() { on "$1" sh -c '! cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\0" " " | grep -a -- "planted-[s]ecret"'; }

modes() { # box, expected lines
  local found
  found=$(on "$1" sh -c 'stat -c "%a %U %n" /run/flue /run/flue/environment /etc/flue/*')
  ! echo "$found" | grep -vE '^(600|700) root ' || { echo "$found"; return 1; }
}

on_tmpfs() { is "$(on "$1" findmnt -no FSTYPE -T "$2")" tmpfs; }

verified() { # box: the units, as systemd reads them on the box
  local said
  said=$(on "$1" sh -c 'systemd-analyze verify /etc/systemd/system/flue*.service /etc/systemd/system/flue*.timer 2>&1') && [ -z "$said" ] || { echo "$said"; return 1; }
}

kills_and_returns() { # box, url, curl options…
  local box=$1 before pid
  shift
  before=$(restarts "$box")
  pid=$(server_pid "$box") || return
  on "$box" kill -9 "$pid"
  until_true 5 not alive "$box" "$pid" && until_true 30 answers "$@" && is "$(restarts "$box")" $((before + 1)) && not is "$(server_pid "$box")" "$pid"
}
alive() { on "$1" test -e "/proc/$2"; }

environment_is() { # box
  on "$1" /opt/stand-in/environ.py "$(server_pid "$1")" /stand-in/expected.json
}

ask() { # message, conversation, curl options…; prints the answer
  local message=$1 conversation=$2
  shift 2
  in_world curl --silent --show-error --max-time 30 "$@" --header "authorization: Bearer $TOKEN" --json "{\"message\": \"$message\"}" "$URL/agents/assistant/$conversation" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["result"]["text"])'
}

# Words arrive as the model sends them, 200 ms apart: the first and the last of ten must not come together.
streams() {
  in_world curl --silent --no-buffer --max-time 40 "$@" --header "authorization: Bearer $TOKEN" --header 'accept: text/event-stream' \
    --json '{"message": "slow: a b c d e f g h i j"}' "$URL/agents/assistant/stream-$RANDOM" |
    while IFS= read -r line; do
      case $line in 'event: text_delta'*) date +%s%3N ;; esac
    done | awk 'NR == 1 { first = $1 } { last = $1 } END { print NR, "words in", last - first, "ms"; exit !(NR >= 10 && last - first >= 1500) }'
}

called() { grep -qE -- "$2" "$(home "$1")/calls"; }
waited() { # box, question, action: the question was put until the answer had changed, and the action came after it
  [ "$(grep -nE -- "$2" "$(home "$1")/calls" | sed -n 4p | cut -d: -f1)" -lt "$(grep -nE -m 1 -- "$3" "$(home "$1")/calls" | cut -d: -f1)" ]
}

memory_reserved() { # box
  is "$(on "$1" docker inspect --format '{{ .HostConfig.Memory }}' flue)" \
    "$(on "$1" awk '/^MemTotal/ { total = $2 / 1024; kept = total / 4 > 400 ? total / 4 : 400; printf "%.0f", int(total - kept) * 1048576 }' /proc/meminfo)"
}

metric() { # box, pattern
  [ -e "$(home "$1")/metrics" ] && grep -qE -- "$2" "$(home "$1")/metrics"
}

serial() { in_world openssl s_client -connect 10.77.0.11:443 -servername "$DOMAIN" </dev/null 2>/dev/null | openssl x509 -noout -serial; }

box_agents() {
  local certificate loop uuid
  URL=https://$DOMAIN
  loop=$(volume agents 256)
  prepare agents agents 11 i-0aaaaaaaaaaaaaaa1 "$loop" && boot agents || return
  check_boot agents 240 || return 1
  check 'agents: only calls that the stand-in knows and the role allows' lawful agents
  check 'agents: every unit is up' is "$(on agents systemctl is-active flue.service flue-proxy.service flue-health.timer docker.service | sort -u)" active
  check 'agents: no unit has failed' is "$(on agents systemctl --failed --no-legend | wc -l)" 0
  check 'agents: systemd finds no fault in the units' verified agents
  # shellcheck disable=SC2046
  {
    check 'agents: /health is 200 through the proxy, with a certificate for the domain' until_true 20 answers "$URL/health" $(secure)
    check 'agents: HTTP is redirected to HTTPS' is "$(in_world curl -s -o /dev/null -w '%{http_code} %{redirect_url}' $(secure) "http://$DOMAIN/health")" "308 https://$DOMAIN/health"
    check 'agents: the server is reached through the proxy only' not answers http://10.77.0.11:8080/health
    check 'agents: the proxy asked for a certificate as of Let'\''s Encrypt' grep -q '/acme/local/' "$WORK/logs/authority.log"
    check 'agents: a stream is not held back by the proxy' streams $(secure)
    check 'agents: without the token of the secret: 401' is "$(status "$URL/agents/assistant/x" $(secure) --json '{}')" 401
    check 'agents: the agent answers' is "$(ask hello kept $(secure))" 'turn 1: hello'
  }
  check 'agents: secrets and variables are byte for byte in the environment of the server' environment_is agents
  check 'agents: the search of the disks finds what is planted' search_works agents /etc /var/log /var/lib/docker /var/lib/flue/data
  check 'agents: no secret is on a disk, in a log or in the journal' nowhere_on_disk agents
  check 'agents: no secret is on a command line' not_on_command_lines agents
  check 'agents: only root may read the configuration and the secrets' modes agents
  check 'agents: the secrets are in memory only' on_tmpfs agents /run/flue/environment
  check 'agents: the server is not root and has no capability' is "$(on agents awk '/^(Uid|CapEff|NoNewPrivs|CapBnd)/ { print $1 $2 }' "/proc/$(server_pid agents)/status" | sort | tr '\n' ' ')" 'CapBnd:0000000000000000 CapEff:0000000000000000 NoNewPrivs:1 Uid:1000 '
  check 'agents: the server can write to /tmp and the data volume, and to nothing else of its container' is "$(writable agents)" '/tmp:rw /data:rw /:ro'
  check 'agents: the address was taken' called agents 'ec2 associate-address .*eipalloc-0123456789abcdef0'
  check 'agents: the data volume is mounted' is "$(on agents findmnt -no SOURCE /var/lib/flue/data)" "$loop"
  check 'agents: logs are rotated every hour' grep -q 'OnCalendar=\*-\*-\* \*:00:00' <(on agents systemctl show -P TimersCalendar logrotate.timer)
  check 'agents: HTTP/3, which no security group lets in, is not offered' not grep -qi '^alt-svc' <(in_world curl -s -o /dev/null -D - $(secure) "$URL/health")
  check 'agents: a quarter of the memory, and 400 MiB at least, stays with the system' memory_reserved agents
  check 'agents: the agent that ships logs knows the files' on agents grep -q /var/log/flue/server.log /stand-in/agent-config.json
  # shellcheck disable=SC2046
  check 'agents: killed, the server is back by itself' kills_and_returns agents "$URL/health" $(secure)
  # shellcheck disable=SC2046
  check 'agents: it knows the conversation' is "$(ask again kept $(secure))" 'turn 2: again'

  edit agents "
fields = json.loads(cloud['secrets'][0]['SecretString']); fields['token'] = '$MARKER-changed'
cloud['secrets'][0]['SecretString'] = json.dumps(fields)"
  on agents systemctl restart flue.service
  TOKEN=$MARKER-changed
  # shellcheck disable=SC2046
  {
    check 'agents: a restart picks up a changed secret' until_true 30 is "$(sleep 2; status "$URL/agents/assistant/x" $(secure) --retry 20 --retry-delay 1 --retry-all-errors --header "authorization: Bearer $TOKEN" --json '{"message": "x"}')" 200
    check 'agents: the former one is refused' is "$(status "$URL/agents/assistant/x" $(secure) --header "authorization: Bearer $MARKER-token" --json '{"message": "x"}')" 401
  }
  check 'agents: still no secret is on a disk' nowhere_on_disk agents

  # EC2 ends the box: the watcher stops the server and says so
  certificate=$(serial)
  uuid=$(blkid -p -s UUID -o value "$loop")
  imds agents "box['lifecycleState'] = 'Terminated'"
  check 'agents: a box that is to end stops its server and lets EC2 go on' until_true 40 grep -q CompleteLifecycleAction "$(home agents)/autoscaling"
  check 'agents: the server is stopped by then' is "$(state agents flue.service)" inactive
  destroy agents

  # its successor, while EC2 still lists it
  prepare next agents 11 i-0bbbbbbbbbbbbbbb2 "$loop" || return
  edit next "
cloud['secrets'][0]['SecretString'] = json.loads(open('$(home agents)/cloud.json').read())['secrets'][0]['SecretString']
cloud['instances'].append({'InstanceId': 'i-0aaaaaaaaaaaaaaa1', 'State': {'Name': 'shutting-down'}, 'Tags': cloud['tags'], '_askedFor': 3})
cloud['volumes'][0].update({'State': 'in-use', 'Attachments': [{'InstanceId': 'i-0aaaaaaaaaaaaaaa1', 'State': 'detaching'}], '_askedFor': 3})"
  imds next "box['lifecycleState'] = 'InService'"
  lend_layers agents next && boot next || return
  check_boot next 240 || return 1
  check 'next: the successor waited until its predecessor was gone before it took the address' waited next 'ec2 describe-instances' 'ec2 associate-address'
  check 'next: and the disk' waited next 'ec2 describe-instances' 'ec2 attach-volume'
  check 'next: it waited until the disk was free' waited next 'ec2 describe-volumes' 'ec2 attach-volume'
  check 'next: the disk was not formatted again' is "$(blkid -p -s UUID -o value "$loop")" "$uuid"
  # shellcheck disable=SC2046
  {
    check 'next: /health is 200 through the proxy' until_true 20 answers "$URL/health" $(secure)
    check 'next: the conversation survived the box' is "$(ask 'still there' kept $(secure))" 'turn 3: still there'
  }
  check 'next: so did the certificate' is "$(serial)" "$certificate"
  check 'next: only calls that the stand-in knows and the role allows' lawful next

  # a snapshot while the server runs; then the volume is lost, and a new one begins with the snapshot
  check 'next: a snapshot is taken of its volume' snapshot next agents restored
  # shellcheck disable=SC2046
  check 'next: the conversation goes on after the snapshot' is "$(ask 'too late' kept $(secure))" 'turn 4: too late'
  destroy next
  losetup -d "$loop" && rm "$WORK/loops/agents" "$WORK/agents.img" || return
  loop=$(volume restored 256)
  prepare restored agents 11 i-0ccccccccccccccc3 "$loop" && edit restored "
cloud['secrets'][0]['SecretString'] = json.loads(open('$(home next)/cloud.json').read())['secrets'][0]['SecretString']" || return
  lend_layers next restored && boot restored || return
  check_boot restored 240 || return 1
  check 'restored: a volume that begins with a snapshot is not formatted' is "$(blkid -p -s UUID -o value "$loop")" "$uuid"
  # shellcheck disable=SC2046
  {
    check 'restored: /health is 200 through the proxy' until_true 20 answers "$URL/health" $(secure)
    check 'restored: the conversation is that of the snapshot, without what came after it' is "$(ask 'read again' kept $(secure))" 'turn 4: read again'
  }
  check 'restored: the certificate comes from the snapshot too' is "$(serial)" "$certificate"
  check 'restored: only calls that the stand-in knows and the role allows' lawful restored
  destroy restored
}

box_plain() {
  local url=http://10.77.0.12:8080 held started took
  prepare plain plain 12 i-0ccccccccccccccc3 && boot plain || return
  check_boot plain 240 || return 1
  check 'plain: only calls that the stand-in knows and the role allows' lawful plain
  check 'plain: /health is 200 on the port' answers "$url/health"
  check 'plain: secrets and variables are byte for byte in the environment of the server' environment_is plain
  check 'plain: no secret is on a disk, in a log or in the journal' nowhere_on_disk plain

  # a request that outlasts docker's own 10 seconds
  in_world curl --silent --max-time 60 --output /dev/null --write-out '%{http_code}' "$url/hold?ms=14000" >"$WORK/held" &
  held=$!
  sleep 1
  started=$SECONDS
  # the watcher would start it again
  on plain systemctl stop flue-health.timer
  on plain systemctl stop flue.service
  took=$((SECONDS - started))
  wait "$held"
  check 'plain: stop sends SIGTERM' on plain grep -q 'probe: SIGTERM' /var/log/flue/server.log
  check 'plain: a request that is being answered at a stop is answered' is "$(cat "$WORK/held")" 200
  check "plain: the server has the time for it ($took s)" [ "$took" -ge 11 ]
  check "plain: and no longer than it takes ($took s)" [ "$took" -lt 45 ]
  check 'plain: a stop is no failure' is "$(state plain flue.service)" inactive

  on plain systemctl start flue-health.timer
  check 'plain: the watcher starts a server that is down' until_true 40 answers "$url/health"
  # what the server needs is gone: its unit does not try again by itself
  on plain systemctl mask --now --runtime docker.service docker.socket
  check 'plain: what the watcher cannot start, another box is asked for' until_true 150 grep -q 'SetInstanceHealth.*Unhealthy' "$(home plain)/autoscaling"
  check 'plain: it was started five times before' [ "$(on plain journalctl --no-pager -u flue-health.service | grep -c 'starting the server')" -ge 5 ]
  on plain systemctl unmask --runtime docker.service docker.socket
  check 'plain: until then, the box goes on when it can' until_true 60 answers "$url/health"
  check 'plain: only calls that the stand-in knows and the role allows, still' lawful plain
  destroy plain
}

box_hung() {
  local url=http://10.77.0.17:8080 started pid
  prepare hung hung 17 i-0cccccccccccccccf && boot hung || return
  check_boot hung 240 || return 1
  check 'hung: the metric says that it answers' until_true 60 metric hung '"Healthy[^}]*Value[^}]*1'
  pid=$(server_pid hung)
  sleep $((75 - SECONDS + BOOTED > 0 ? 75 - SECONDS + BOOTED : 0)) # the grace period of a start
  on hung kill -STOP "$pid"
  started=$SECONDS
  check 'hung: a server that hangs is noticed by the watcher' until_true 100 on hung sh -c 'journalctl --no-pager -u flue-health.service | grep -q "restarting the server"'
  echo "     hung: noticed after $((SECONDS - started)) s"
  check 'hung: and replaced by one that answers' until_true 120 hung_is_gone hung "$pid" "$url/health"
  echo "     hung: back after $((SECONDS - started)) s"
  check 'hung: the metric says that it did not answer' until_true 70 metric hung '"Healthy[^}]*Value[^}]*0'
  check 'hung: only calls that the stand-in knows and the role allows' lawful hung
  destroy hung
}

hung_is_gone() { not alive "$1" "$2" && answers "$3"; }

failed_boot() { # box, seconds, pattern of the reason
  check "$1: the box signals" await_signal "$1" "$2"
  echo "     $1: signal after $((SECONDS - BOOTED)) s: $(signal_of "$1" reason)"
  check "$1: failure, once, to the group that waits" is "$(signal_of "$1" status) $(signal_matches "$1")" 'FAILURE '
  check "$1: the reason says which and why" grep -qE -- "$3" <(signal_of "$1" reason)
  check "$1: only calls that the stand-in knows and the role allows" lawful "$1"
}

box_missing() {
  prepare missing missing 13 i-0ddddddddddddddd4 && boot missing || return
  failed_boot missing 240 'flue/fields.*ResourceNotFoundException'
  check 'missing: the log names the secret' until_true 10 names_secret missing
  check 'missing: no value of another secret is told' not grep -q "$MARKER" "$(home missing)/signals"
  check 'missing: no server runs' not server_pid missing
  # what is put right is picked up without another deployment
  edit missing "cloud['secrets'].append({**cloud['secrets'][0], 'ARN': cloud['secrets'][0]['ARN'].replace('whole-GhIjKl', 'fields-AbCdEf'),
  'Name': 'flue/fields', 'SecretString': json.dumps({'tricky': 'x', 'token': 'y'})})"
  check 'missing: the unit tries again and finds a secret that is there' until_true 30 answers http://10.77.0.13:8080/health
  destroy missing
}
names_secret() { on "$1" sh -c 'cat /var/log/cloud-init-output.log; journalctl --no-pager -u flue.service' | grep 'secret:flue/' >/dev/null; }

box_sick() {
  prepare sick sick 14 i-0eeeeeeeeeeeeeee5 && boot sick || return
  failed_boot sick 240 '/health.*503'
  check 'sick: it had its budget' until_true 1 budget_kept
  destroy sick
}
budget_kept() { on sick sh -c '[ "$(grep -c "probe: listening" /var/log/flue/server.log)" -ge 1 ]'; }

box_full() {
  local loop
  loop=$(volume full 32)
  mkfs.ext4 -q "$loop" && mkdir -p "$WORK/mnt" && mount "$loop" "$WORK/mnt" && mkdir -m 0700 "$WORK/mnt/server" && chown 1000:1000 "$WORK/mnt/server" || return
  dd if=/dev/zero of="$WORK/mnt/ballast" bs=64k 2>/dev/null
  umount "$WORK/mnt"
  prepare full full 15 i-0fffffffffffffff6 "$loop" || return
  # a box that is booted without this one pulls them itself
  [ ! -e "$(home agents)" ] || { until_true 60 signalled agents && lend_layers agents full; } || return
  boot full || return
  failed_boot full 240 'the data volume is full'
  check 'full: the log of the server says why' on full grep -qiE 'full|ENOSPC|no space' /var/log/flue/server.log
  check 'full: the metric says how full the volume is' until_true 40 metric full 'DataVolumeUtilization[^}]*Value[^}]*100'
  check 'full: the data is still there' on full test -s /var/lib/flue/data/ballast
  destroy full
}

box_node() {
  local url=http://10.77.0.16:8080 loop
  URL=$url
  loop=$(volume node 256)
  prepare node node 16 i-0abcabcabcabcabc7 "$loop" && boot node || return
  check_boot node 240 || return 1
  check 'node: only calls that the stand-in knows and the role allows' lawful node
  check 'node: systemd finds no fault in the units' verified node
  check 'node: /health is 200 on the port' answers "$url/health"
  check 'node: secrets and variables are byte for byte in the environment of the server' environment_is node
  check 'node: no secret is on a disk, in a log or in the journal' nowhere_on_disk node
  check 'node: only root may read the configuration and the secrets' modes node
  check 'node: the server is a user of its own' is "$(on node stat -c %U "/proc/$(server_pid node)")" flue
  check 'node: and cannot change what it runs' not on node nsenter -t "$(server_pid node)" -m runuser -u flue -- touch /opt/flue/app/dist/server.mjs
  check 'node: nor write beside its data' not on node nsenter -t "$(server_pid node)" -m touch /var/lib/planted
  check 'node: the agent answers' is "$(ask hello kept)" 'turn 1: hello'
  check 'node: a stream is not held back' streams
  check 'node: killed, the server is back by itself' kills_and_returns node "$url/health"
  check 'node: it knows the conversation' is "$(ask again kept)" 'turn 2: again'
  on node systemctl stop flue-health.timer
  on node systemctl stop flue.service
  check 'node: a stop is no failure' is "$(state node flue.service)" inactive
  check 'node: the server ended by SIGTERM itself' grep -qE '^(0|143)$' <(on node systemctl show -P ExecMainStatus flue.service)
  destroy node
}
