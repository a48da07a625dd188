#!/bin/sh
# sh scripts/test.sh [PATTERN...] [--NODE-OPTION...]
#
# Lints, then runs the unit tests and the end-to-end tests, isolated from the host. With patterns only the
# test files whose path contains one of them.
set -eu
cd "$(dirname "$0")/.."

patterns=''
for argument in "$@"; do
  shift
  case $argument in
    -*) set -- "$@" "$argument" ;;
    *) patterns="$patterns$argument
" ;;
  esac
done

files=$(find dist/src dist/packaging dist/test dist/bench -name '*.test.js' -o -name '*.e2e.js' | sort | grep -F -e "${patterns%?}") || {
  echo "truepeer: no test file's path contains any of: $(echo "$patterns" | tr '\n' ' ')" >&2
  exit 1
}

node_modules/.bin/biome check .

# From a place that everybody may look into, which root's home is not: some tests run what was built as another user.
in_sight='mount --bind . /mnt && cd /mnt && exec "$@"'

# One file at a time: the end-to-end tests share the machine's two cores, ports and cgroups.
# shellcheck disable=SC2086 # one word a file
exec node dist/src/lab/isolated-main.js sh -c "$in_sight" sh \
  node --test --test-concurrency=1 --test-reporter=spec "$@" $files
