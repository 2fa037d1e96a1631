# shellcheck shell=bash disable=SC2034
# The image that FlueImage stages for an app, with secrets planted in the folder of the app. Sourced after lib.sh.

IMAGE=localhost/flue-agents
PLANTED=planted-secret-3f9c1a
CONTROL=planted-control-77ab20

# The image of the example agents: the first test that needs it builds it.
build_agents() {
  once agents build_app "$ROOT_CACHE/agents" "$REPO/examples/agents" . with-database
}

# Everything that belongs to the image comes into one folder: app, company.key, company.pem, cdk.out, and storage, where podman keeps all layers.
build_app() { # that folder, repository, folder of the app in it, with-database or without-database
  rm -rf "$1" && mkdir -p "$1" && plant "$1/app" "$2" "$3" && company_authority "$1" && stage "$1" "$3" "$4" && build "$1"
}

context_of() { find "$1/cdk.out" -maxdepth 1 -name 'asset.*' -type d; } # folder of the image

plant() { # target, repository, folder of the app in it
  mkdir -p "$1"
  tar -C "$2" --exclude=./node_modules --exclude=./dist --exclude=./cdk.out -c . | tar -C "$1" -x || return
  local app=$1/$3 file
  mkdir -p "$app/packages/a" "$app/node_modules/planted" "$1/.git" "$app/dist"
  for file in .env .env.production packages/a/.env node_modules/planted/index.js dist/planted.js; do
    echo "SECRET=$PLANTED" >"$app/$file"
  done
  echo "SECRET=$PLANTED" >"$1/.git/config"
  echo "$CONTROL" >"$app/src/control.txt"
  printf '!.env\n!.env.production\n' >"$app/.dockerignore"
}

# The certificate of a company, which is its own authority.
company_authority() { # folder
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=Company authority' -addext 'subjectAltName=DNS:localhost' \
    -keyout "$1/company.key" -out "$1/company.pem"
}

# Without Docker, and for a developer whose files only they may read.
stage() { # folder of the image, folder of the app, with-database or without-database
  (umask 077 && cd "$REPO" && CDK_DOCKER=/bin/false npx ts-node --transpile-only --project tsconfig.dev.json test/container/synth.ts "$1/app/$2" "$1/cdk.out" "$3" "$1/company.pem") || return
  [ -f "$(context_of "$1")/Dockerfile" ]
}

# A package that the machine has in npm's cache is not fetched again, and the cache is in no layer.
build() { # folder of the image
  local cache
  cache=$(npm config get cache) && mkdir -p "$cache" || return
  in_store "$1" podman build --format docker --pull=never --volume "$cache:/root/.npm" -t "$IMAGE" "$(context_of "$1")"
}
