#!/bin/sh
# sh prepare-root.sh SUITE MIRROR ARCHIVE PACKAGE...
#
# Packs a clean Debian with the named packages fetched, but not installed: tests run without a network. It is run in
# namespaces of its own, so that whatever ends it, nothing stays but the archive.
set -eu
suite=$1 mirror=$2 archive=$3
shift 3
root=/dev/shm
mount -t tmpfs -o mode=755 truepeer $root
debootstrap --variant=minbase "$suite" $root/system "$mirror" >&2
chroot $root/system apt-get -qq update
chroot $root/system env DEBIAN_FRONTEND=noninteractive \
  apt-get -qq -y --no-install-recommends --download-only install "$@"
tar -C $root/system --one-file-system -cf "$archive.new" .
mv "$archive.new" "$archive"
