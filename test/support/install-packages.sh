#!/usr/bin/env bash
# Installs packages of Debian. Proofs that run at once wait for each other here, because apt lets in one at a time.
exec flock /var/lock/cdk-flue-apt bash -c \
  'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"' install "$@"
