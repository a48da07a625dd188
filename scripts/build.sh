#!/bin/sh
# sh scripts/build.sh [ROLE]
#
# Builds what changed: kernel programs, then TypeScript, into dist/. For the roles test and kernels also what
# only tests run: their own kernel programs, and their programs in C.
set -eu
cd "$(dirname "$0")/.."

say() { echo "truepeer: $*"; }

program_flags='-O2 -Wall -Wextra -Werror -pthread -Iinclude'

# is_current BUILT SOURCE...: nothing under the sources is newer. A folder is newer when a file in it came or went.
is_current() {
  built=$1; shift
  [ -e "$built" ] && [ -z "$(find "$@" -newer "$built" -print -quit)" ]
}

build_bpf() {
  is_current "$2" bpf include "$(dirname "$1")" scripts/compile-bpf.sh && return
  say "compiling $1"
  sh scripts/compile-bpf.sh "$1" "$2"
}

build_program() {
  is_current "$2" include "$(dirname "$1")" scripts/build.sh && return
  say "compiling $1"
  # shellcheck disable=SC2086
  clang $program_flags "$1" -o "$2.new"
  mv "$2.new" "$2"
}

# build_all COMMAND FOLDER SUFFIX BUILT-FOLDER BUILT-SUFFIX: every source in a folder; removes what lost its source.
build_all() {
  mkdir -p "$4"
  for source in "$2"/*"$3"; do
    [ -e "$source" ] || continue
    name=$(basename "$source" "$3")
    "$1" "$source" "$4/$name$5"
  done
  for built in "$4"/*; do
    [ -e "$2/$(basename "$built" "$5")$3" ] || rm -f "$built"
  done
}

# tsc leaves the output of deleted and renamed sources, and a left-over test would run on.
build_typescript() {
  set -- package.json tsconfig.json node_modules/.package-lock.json
  for folder in src test bench examples packaging; do
    [ ! -e $folder ] || set -- "$@" $folder
  done
  is_current dist/.typescript "$@" && return
  say 'compiling TypeScript'
  mkdir -p dist
  find dist -name '*.js' | while read -r built; do
    source=${built#dist/}
    [ -e "${source%.js}.ts" ] || rm -f "$built" "$built.map" "${built%.js}.d.ts"
  done
  # Sources changed while tsc reads them are compiled again next time.
  touch dist/.typescript.new
  node_modules/.bin/tsc
  mv dist/.typescript.new dist/.typescript
}

build_all build_bpf bpf .bpf.c dist/bpf .bpf.o
build_typescript
case ${1-} in
  test | kernels | bench | packages)
    build_all build_bpf test/bpf .bpf.c dist/test/bpf .bpf.o
    build_all build_program test/programs .c dist/test/programs ''
    build_all build_bpf bench/bpf .bpf.c dist/bench/bpf .bpf.o
    ;;
esac
