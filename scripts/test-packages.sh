#!/bin/sh
# sh scripts/test-packages.sh [--NODE-OPTION...]
#
# Installs, upgrades and removes the packages on clean systems. What needs the network comes first; all else is
# isolated from the host.
set -eu
cd "$(dirname "$0")/.."

node dist/test/packages/prepare.js
exec node dist/src/lab/isolated-main.js \
  node --test --test-concurrency=1 --test-reporter=spec "$@" dist/test/packages/*.matrix.js
