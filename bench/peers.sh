#!/bin/sh
# Makes a Python environment with the programs that a benchmark compares with:
#
#   bench/peers.sh [scoring | diarization | mimi | models] [FOLDER]          by default scoring, ~/.cache/diarflow/peers/NAME
#   bazel run //bench:scoring -- --peers=~/.cache/diarflow/peers/scoring
#   bazel run //bench:diarization -- --peers=~/.cache/diarflow/peers/diarization
#   bazel run //bench:mimi -- --peers=~/.cache/diarflow/peers/mimi
#   bazel run //bench:models -- --peers=~/.cache/diarflow/peers/models
#
# Builds and tests never need it. Delete the folder to be rid of it.
set -eu

name=scoring
case "${1:-}" in scoring | diarization | mimi | models) name=$1; shift ;; esac
folder=${1:-$HOME/.cache/diarflow/peers/$name}
list=$(cd "$(dirname "$0")" && pwd)/peers_$name.txt

if ! python3 -m venv "$folder"; then
  echo "peers.sh: python3 could not make a virtual environment in $folder; Debian's package is python3-venv." >&2
  exit 1
fi
if ! "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$list"; then
  echo "peers.sh: pip could not install what $list names; its reason is above. Nothing else needs these packages." >&2
  exit 1
fi
alone=$(dirname "$list")/peers_${name}_alone.txt
if [ -e "$alone" ] && ! "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$alone"; then
  echo "peers.sh: pip could not install what $alone names; its reason is above. Nothing else needs these packages." >&2
  exit 1
fi
echo "$folder is ready: bazel run //bench:$name -- --peers=$folder"
