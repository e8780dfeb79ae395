#!/usr/bin/env bash
# Tries the README's two commands on a machine that has nothing: a minimal Debian 12, made on the spot in a folder.
#
#   tools/fresh_machine.sh [--root DIR] [--keep] [COMMAND]
#
#   --root DIR   where the machine is made (it takes some 10 GB); default: a new folder in $TMPDIR
#   --keep       leaves it there when done
#   COMMAND      what to run in the clone, default: ./bazelw run //experiments:baseline && ./bazelw test //...
#
# What is tried is the last commit, not the working tree. Needs root, mmdebstrap and the package registries, and some
# twenty minutes: it is run by hand before a release. Nothing of this machine's caches or pip settings reaches it.
# Exit code: the command's.
set -euo pipefail
source_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

root= keep=
while [[ ${1:-} == --* ]]; do
  case $1 in
    --root) root=$2; shift 2 ;;
    --keep) keep=1; shift ;;
    *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 2 ;;
  esac
done
command=${1:-./bazelw run //experiments:baseline && ./bazelw test //...}

[[ $(id -u) -eq 0 ]] || { echo "fresh_machine: needs root, for chroot and mount" >&2; exit 2; }
command -v mmdebstrap >/dev/null || { echo "fresh_machine: install mmdebstrap: apt-get install -y mmdebstrap" >&2; exit 2; }
[[ -n $root ]] || root=$(mktemp -d "${TMPDIR:-/tmp}/fresh_machine.XXXXXX")
mkdir -p "$root"

clean_up() {
  # A Bazel server in there would keep the mounts busy.
  chroot "$root" env -i PATH=/usr/bin:/bin HOME=/root bash -c 'cd /src/diarflow && command -v bazel >/dev/null && bazel shutdown' >/dev/null 2>&1 || true
  local mounted
  for mounted in proc sys dev; do
    mountpoint -q "$root/$mounted" && umount -lR "$root/$mounted"
  done
  # Never past a mount that is still there.
  [[ -n $keep ]] || rm -rf --one-file-system "$root"
}
trap clean_up EXIT

step() { echo "fresh_machine: $(date +%T) $*"; }
step "making a minimal Debian 12 in $root"
sources=/etc/apt/sources.list.d/debian.sources
[[ -f $sources ]] || sources=/etc/apt/sources.list
mmdebstrap --quiet --variant=minbase --include=ca-certificates bookworm "$root" "$sources"
# How this machine reaches the registries, if it needs a proxy or a certificate of its own for that.
cp /etc/resolv.conf "$root/etc/"
cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
chroot "$root" update-ca-certificates >/dev/null 2>&1 || true
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/sys"
mount --make-rslave "$root/dev"
git clone --quiet "$source_tree" "$root/src/diarflow"

step "$command"
started=$SECONDS
status=0
network=()
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
  [[ -z ${!name:-} ]] || network+=("$name=${!name}")
done
chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "${network[@]}" bash -c "cd /src/diarflow && { $command; }" || status=$?
step "exit code $status after $((SECONDS - started)) s"
exit "$status"
