#!/bin/sh
# Makes the Python environment with the programs that the benchmarks compare with:
#
#   bench/peers.sh [FOLDER]          by default ~/.cache/diarflow/peers/scoring
#   bazel run //bench:scoring -- --peers=~/.cache/diarflow/peers/scoring
#
# Builds and tests never need it. Delete the folder to be rid of it.
set -eu

folder=${1:-$HOME/.cache/diarflow/peers/scoring}
here=$(cd "$(dirname "$0")" && pwd)

if ! python3 -m venv "$folder"; then
  echo "peers.sh: python3 could not make a virtual environment in $folder; Debian's package is python3-venv." >&2
  exit 1
fi
if ! "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/peers.txt"; then
  echo "peers.sh: pip could not install what $here/peers.txt names; its reason is above. Nothing else needs these" \
    "packages." >&2
  exit 1
fi
echo "$folder is ready: bazel run //bench:scoring -- --peers=$folder"
