#!/bin/sh
# sh scripts/setup.sh demo|test|bench|kernels|package|packages|boot|build
#
# Brings a fresh Debian with Node.js and npm to where ROLE can run: installs missing Debian packages (as
# root) and Node modules, and builds. Silent, and quick, when there is nothing to do.
set -eu
cd "$(dirname "$0")/.."

say() { echo "truepeer: $*"; }
die() { say "$*" >&2; exit 1; }

role=${1-}
case $role in
  build) roles='build' ;;
  package) roles='build package' ;;
  demo) roles='build demo' ;;
  test | bench) roles="build demo $role" ;;
  kernels) roles='build demo test kernels' ;;
  packages) roles='build demo test package packages' ;;
  boot) roles='build demo package kernels boot' ;;
  *) die "what shall be set up: \"$role\"? usage: sh scripts/setup.sh demo|test|bench|kernels|package|packages|boot|build" ;;
esac

check_node() {
  for command in node npm; do
    command -v $command > /dev/null || die "$command is missing: install Node.js with npm first"
  done
  # shellcheck disable=SC2016 # JavaScript's ${}
  node -e '
    const { engines } = require("./package.json");
    const [major, minor] = engines.node.match(/\d+/g).map(Number);
    const [ours, oursMinor] = process.versions.node.split(".").map(Number);
    if (ours > major || (ours === major && oursMinor >= minor)) process.exit();
    console.error(`truepeer: Node.js ${engines.node} is needed, and this is ${process.versions.node}; install a newer one`);
    process.exit(1);
  '
}

# The packages of the roles that are neither installed nor made unnecessary by commands that are there.
missing_packages() {
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
  while read -r needed_by package unless _; do
    for needs in $roles; do
      case ,$needed_by, in *,"$needs",*) ;; *) continue ;; esac
      is_installed "${package%\?}" || have_commands "$unless" || echo "$package"
      break
    done
  done < scripts/packages
}

is_installed() {
  case "
$installed
" in *"
$1
"*) ;; *) return 1 ;; esac
}

have_commands() {
  [ "$1" != - ] || return 1
  for command in $(echo "$1" | tr , ' '); do command -v "$command" > /dev/null || return 1; done
}

install_modules() {
  modules=node_modules/.package-lock.json
  [ ! -e $modules ] || [ -n "$(find package-lock.json -newer $modules)" ] || return 0
  say 'installing Node modules'
  # Not `npm ci`: that of npm 11 refuses a lock file without the packages of platforms that a registry does not have.
  npm install --no-save --include=dev --no-audit --no-fund --loglevel=error > /dev/null
}

check_node
if command -v dpkg-query > /dev/null; then
  packages=$(missing_packages | tr '\n' ' ')
  # shellcheck disable=SC2086 # one word a package
  [ -z "$packages" ] || sh scripts/install.sh $packages
else
  say 'not Debian, so packages are not looked after; scripts/packages tells what is needed' >&2
fi
install_modules
sh scripts/build.sh "$role"
