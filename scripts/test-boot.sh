#!/bin/sh
# sh scripts/test-boot.sh [PATTERN]
#
# Boots clean systems with the package in virtual machines, and runs what docs/operations.md tells to run. With a
# pattern only the test files whose name contains it: systemd-12, forwarder-12, operations.
set -eu
cd "$(dirname "$0")/.."

node dist/packaging/main.js
exec node --test --test-concurrency=1 --test-reporter=spec dist/test/boot/*"${1-}"*.vm.js
