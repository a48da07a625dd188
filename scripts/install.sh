#!/bin/sh
# sh scripts/install.sh PACKAGE[?]...
#
# Installs Debian packages for the programs in them: a server among them is neither started now nor at the
# next boot. Called by setup.sh.
set -eu

say() { echo "truepeer: $*"; }

if [ "$(id -u)" -ne 0 ]; then
  say "missing Debian packages: $*" >&2
  say 'installing them needs root: run the command again with sudo' >&2
  exit 1
fi

policy=/usr/sbin/policy-rc.d
policy_aside=$policy.before-truepeer

# The policy layer of invoke-rc.d: 101 forbids every start. An administrator's own policy waits aside.
forbid_starts() {
  if [ -e $policy ] || [ -L $policy ]; then mv $policy $policy_aside; fi
  printf '#!/bin/sh\n# TruePeer is installing packages; removed afterwards.\nexit 101\n' > $policy
  chmod 755 $policy
}

# Also right after a run that was killed before it could do this.
allow_starts() {
  if grep -qs 'TruePeer is installing' $policy; then rm $policy; fi
  if [ -e $policy_aside ] || [ -L $policy_aside ]; then mv $policy_aside $policy; fi
}

# Services that start at boot, for systemd and for System V.
boot_services() {
  find /etc/systemd/system/multi-user.target.wants /etc/rc2.d -type l -name '*.service' -o -name 'S[0-9][0-9]*' |
    sed -e 's,.*/,,' -e 's/^S[0-9][0-9]//' -e 's/\.service$//' | sort -u
} 2> /dev/null

# Installing a server also enables it. Nobody asked for that here, so what came with us goes off again.
keep_off_at_boot() {
  brought=$(boot_services | grep -vxF -e "$before") || return 0
  # shellcheck disable=SC2086 # one word a service
  say "leaving these services off, now and at boot:" $brought
  for service in $brought; do
    update-rc.d "$service" disable > /dev/null 2>&1 || say "could not switch $service off" >&2
  done
}

finish() {
  allow_starts
  keep_off_at_boot
  rm "$log"
}

apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >> "$log" 2>&1 < /dev/null
}

# One at a time: another run's policy is not a left-over.
exec 9> /run/lock/truepeer-install
flock 9
allow_starts
before=$(boot_services)
log=$(mktemp)
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

say "installing Debian packages: $*"
# A source that does not answer need not be the one that has the packages.
apt update || say 'apt-get update failed; going on with the package lists that are there' >&2
for package in "$@"; do
  shift
  # Marked packages are those which not every release has.
  case $package in
    *\?) apt-cache show "${package%\?}" > /dev/null 2>&1 || continue ;;
  esac
  set -- "$@" "${package%\?}"
done
forbid_starts
if ! apt install -y --no-install-recommends "$@"; then
  cat "$log" >&2
  say 'apt-get could not install the packages; its words are above' >&2
  exit 1
fi
