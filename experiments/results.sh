#!/bin/bash
# Runs every experiment and writes what they found into experiments/RESULTS.md of the workspace.
#   bazel run //experiments:results [-- FLAGS]      the flags go to every experiment that has them all, --protocol, say
set -euo pipefail
rows=(baseline linear_probe adapter_mixtures adapter_frozen adapter_unfrozen adapter_fusion)
# What the build brought along for this script, the programs among it; they find their files there too.
export RUNFILES_DIR="$0.runfiles"
programs=$RUNFILES_DIR/diarflow/experiments
workspace=${BUILD_WORKSPACE_DIRECTORY:?start it by bazel run //experiments:results}
runs=${BUILD_WORKING_DIRECTORY:-$PWD}/diarflow-out
for row in "${rows[@]}"; do
  echo "== $row"
  # Some items may have failed (3): the page says so.
  "$programs/$row" --out="$runs/$row" "$@" || [[ $? -eq 3 ]]
done
commit=$(git -C "$workspace" rev-parse --short HEAD 2>/dev/null || true)
"$programs/../cli/diarflow" results --runs="$runs" --out="$workspace/experiments/RESULTS.md" --commit="$commit"
