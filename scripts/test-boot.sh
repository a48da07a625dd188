#!/bin/sh
# sh scripts/test-boot.sh [--NODE-OPTION...]
#
# Boots clean systems with the package in virtual machines, as `--test-name-pattern='Debian 12'` chooses. Runs what
# docs/operations.md tells to run.
set -eu
cd "$(dirname "$0")/.."

node dist/packaging/main.js
exec node --test --test-concurrency=1 --test-reporter=spec "$@" dist/test/boot/*.vm.js
