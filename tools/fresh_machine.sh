#!/usr/bin/env bash
# Tries the README's two commands on a machine that has nothing: a minimal Debian 12, made on the spot in a folder.
#
#   tools/fresh_machine.sh [--root DIR] [--keep] [COMMAND]
#
#   --root DIR   where the machine is made (it takes some 10 GB), an empty folder or none yet; default: one in $TMPDIR
#   --keep       leaves it there when done
#   COMMAND      what to run in the clone, default: ./bazelw run //experiments:baseline && ./bazelw test //...
#
# What is tried is the last commit, not the working tree. Needs root, mmdebstrap and the package registries, and some
# twenty minutes: it is run by hand before a release. Nothing of this machine's caches or pip settings reaches it.
# Exit code: the command's.
set -euo pipefail
. "$(dirname "$0")/minimal_debian.sh"
command=${1:-./bazelw run //experiments:baseline && ./bazelw test //...}
make_debian --include=ca-certificates
# A Bazel server in there would keep the mounts busy.
stop_bazel='cd /src/diarflow && command -v bazel && bazel shutdown'
trap 'chroot "$root" env -i PATH=/usr/bin:/bin HOME=/root bash -c "$stop_bazel" >/dev/null 2>&1 || true; clean_up' EXIT
# How this machine reaches the registries, if it needs a proxy or a certificate of its own for that.
cp /etc/resolv.conf "$root/etc/"
cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
chroot "$root" update-ca-certificates >/dev/null 2>&1 || true
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
chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "${network[@]}" \
  bash -c "cd /src/diarflow && { $command; }" || status=$?
step "exit code $status after $((SECONDS - started)) s"
exit "$status"
