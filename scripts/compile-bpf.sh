#!/bin/sh
# sh scripts/compile-bpf.sh SOURCE OBJECT [CLANG]
#
# Compiles one kernel program. Its BTF stays, which the loader needs; DWARF only takes room. Where it was built does not
# show.
set -eu
cd "$(dirname "$0")/.."

"${3-clang}" -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Werror "-fdebug-prefix-map=$PWD=." \
  "-I/usr/include/$(uname -m)-linux-gnu" -c "$1" -o "$2.new"
llvm-strip -g "$2.new"
mv "$2.new" "$2"
