# Sourced by the scripts of this folder: where things lie, how they speak, what they need installed.
# Exit status of each: 0 done, 1 failed, 2 wrong usage, 3 this machine lacks something that the message names.
# shellcheck shell=bash

# shellcheck disable=SC2034  # used by the scripts that source this
testbed=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bridgehead/testbed

# Whatever ends a script unforeseen names itself.
set -E
trap 'echo "testbed: $(basename "$0"), line $LINENO: \"$BASH_COMMAND\" failed" >&2' ERR

# say TEXT…: a line for the person at the terminal. Standard output is for results only.
say() { echo "testbed: $*" >&2; }

# die TEXT…: one line that says what is wrong and what to do, then the end.
die() {
  echo "testbed: $*" >&2
  exit 1
}

# usage_error TEXT…: as die, for a call that makes no sense.
usage_error() {
  echo "testbed: $*" >&2
  exit 2
}

# lacking TEXT…: as die, where this machine lacks something: tests that need it are then skipped, not failed.
lacking() {
  echo "testbed: $*" >&2
  exit 3
}

# need_root WHAT: ends where we are not root.
need_root() { [ "$(id -u)" = 0 ] || lacking "$1 needs root; run it as root or with sudo"; }

# need_packages PROGRAM=PACKAGE…: installs the Debian packages whose program (a command or an absolute path) is missing.
need_packages() {
  local pair program missing=()
  for pair in "$@"; do
    program=${pair%%=*}
    if [ "${program:0:1}" = / ]; then
      [ -e "$program" ] || missing+=("${pair#*=}")
    else
      command -v "$program" >/dev/null || missing+=("${pair#*=}")
    fi
  done
  [ ${#missing[@]} = 0 ] && return
  command -v apt-get >/dev/null || lacking "not installed: ${missing[*]} (names of Debian packages); install them and try again"
  need_root "installing ${missing[*]}"
  say "installing ${missing[*]}"
  with_lists env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends "${missing[@]}" \
    || lacking "apt-get could not install ${missing[*]}; see above"
}

# with_lists COMMAND…: runs it, and where it fails again with fresh package lists: they may be missing, or too old.
with_lists() {
  "$@" >&2 </dev/null && return
  say "fetching package lists"
  need_root "fetching package lists"
  apt-get -o DPkg::Lock::Timeout=300 update -qq >&2 || lacking "apt-get update failed; see above"
  "$@" >&2 </dev/null
}

# bed_options "$@": reads [--state DIR] [--name NAME] into $name, $state (absolute) and $namespace (a path).
bed_options() {
  name=bridgehead state=''
  while [ $# -gt 0 ]; do
    case $1 in
      --state | --name)
        [ -n "${2-}" ] || usage_error "$1 needs a value"
        [ "$1" = --state ] && state=$2 || name=$2
        shift 2
        ;;
      *) usage_error "$(basename "$0") knows --state DIR and --name NAME, not $1" ;;
    esac
  done
  # The name is also part of a network device's name, which has 15 characters at most.
  [[ $name =~ ^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$ ]] \
    || usage_error "--name $name: must be 1 to 12 lower-case letters, digits and hyphens"
  state=$(realpath -m "${state:-$cache/beds/$name}")
  # containerd's sockets lie below it, and a socket's path has 107 characters at most.
  [ ${#state} -le 70 ] || usage_error "--state $state: the path must not be longer than 70 characters"
  namespace=/run/netns/$name
}

# in_bed: the processes in the namespace: the control plane, containerd's shims, and what somebody ran there.
in_bed() { [ ! -e "$namespace" ] || ip netns pids "$name"; }
# in_pods: the processes in the bed's cgroups, which have namespaces of their own.
in_pods() { find /sys/fs/cgroup -path "*/bridgehead-$name/*" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u || true; }
signal() {
  local pid
  while read -r pid; do kill -s "$1" "$pid" 2>/dev/null || true; done
}
wait_until_gone() {
  for _ in $(seq 50); do
    [ -n "$("$1")" ] || return 0
    sleep 0.1
  done
}
# unmount_all: whatever is mounted below the state folder, volumes of pods and their root file systems; nothing of it is kept there.
unmount_all() { awk -v below="$state/" 'index($2, below) == 1 {print $2}' /proc/mounts | sort -r | while read -r mount; do umount -l "$mount"; done; }
