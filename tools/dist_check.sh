#!/usr/bin/env bash
# Tries what //cli:dist packs on a machine that has nothing: a minimal Debian 12, made on the spot in a folder, without
# Bazel, compilers, the libraries, or a network.
#
#   tools/dist_check.sh [--root DIR] [--keep] [ARCHIVE]
#
#   --root DIR   where the machine is made (it takes some 2 GB), an empty folder or none yet; default: one in $TMPDIR
#   --keep       leaves it there when done
#   ARCHIVE      made before; default: one is made of the working tree
#
# There `diarflow diarize` diarizes the embedded excerpts and scores them, a recording from standard input, and a file.
# Needs root, mmdebstrap and the Debian registry, and some minutes: it is run by hand before a release. Exit code: 0
# when all runs.
set -euo pipefail
. "$(dirname "$0")/minimal_debian.sh"
make_debian

archive=${1:-}
if [[ -z $archive ]]; then
  step "packing"
  archive=$root/diarflow.tar.gz
  (cd "$source_tree" && ./bazelw run //cli:dist -- "$archive")
fi
mkdir -p "$root/opt/diarflow"
tar -xzf "$archive" -C "$root/opt/diarflow" --strip-components=1

step "running"
# Without a network: what the program needs is in the archive.
unshare --net chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root bash -euc '
  for tool in bazel gcc ffmpeg python3; do
    if command -v $tool; then echo "$tool is there"; exit 1; fi
  done
  cd /root
  ln -s /opt/diarflow/diarflow /usr/bin/diarflow
  diarflow --version
  diarflow diarize --out=all
  recording=/opt/diarflow/diarflow.runfiles/excerpts/excerpts/tst00.wav
  diarflow diarize - --out=piped < $recording > /dev/null
  cat $recording | diarflow diarize - --out=stream > /dev/null
  cut -d" " -f4- all/tst00.rttm > a; cut -d" " -f4- piped/stdin.rttm > b; cut -d" " -f4- stream/stdin.rttm > c
  test -s a && cmp a b && cmp a c
  diarflow assign --ctm=<(echo "tst00 1 1.0 0.5 word") --rttm=all/tst00.rttm --format=text
'
step "all runs"
