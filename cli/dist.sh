#!/usr/bin/env bash
# Packs the program diarflow with all that it needs (shared libraries, weights, pipelines, excerpts), for Linux machines of
# the same processor family without Bazel and without these libraries: Debian 12, or one with a newer C library.
#
#   ./bazelw run //cli:dist [-- [--folder] PATH]
#
#   PATH       the archive, default diarflow-VERSION.tar.gz where the command was typed
#   --folder   PATH is a new folder: nothing is packed
#
# In it: diarflow, diarflow.runfiles/ (data), lib/ (shared libraries; the program looks for them there), licenses/.
set -euo pipefail
program=$(readlink -f "$0")
if [[ -d $0.runfiles ]]; then runfiles=$0.runfiles; else runfiles=${RUNFILES_DIR:-${TEST_SRCDIR:-$program.runfiles}}; fi
binary=$runfiles/diarflow/cli/diarflow
[[ -x $binary ]] || { echo "dist: start it with ./bazelw run //cli:dist" >&2; exit 2; }
version=$("$binary" --version | cut -d' ' -f2)

folder_only= path=
for argument in "$@"; do
  case $argument in
    --folder) folder_only=1 ;;
    -*) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$program"; exit 2 ;;
    *) path=$argument ;;
  esac
done
[[ -z $folder_only || -n $path ]] || { echo "dist: --folder PATH" >&2; exit 2; }
path=${path:-diarflow-$version.tar.gz}
[[ $path == /* ]] || path=${BUILD_WORKING_DIRECTORY:-$PWD}/$path
[[ ! -d $path ]] || { echo "dist: $path is there already" >&2; exit 2; }

# Beside the result, so that it is on a disk with room.
mkdir -p "$(dirname "$path")"
staging=$(mktemp -d "$(dirname "$path")/.dist.XXXXXX")
trap 'rm -rf "$staging"' EXIT
folder=$staging/diarflow-$version
mkdir -p "$folder/lib" "$folder/licenses"
cp -L "$binary" "$folder/diarflow"
chmod u+w "$folder/diarflow"

# All but the C library itself, which belongs to the machine.
ldd "$binary" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u > "$staging/libraries"
if ldd "$binary" | grep -q 'not found'; then ldd "$binary" | grep 'not found' >&2; exit 1; fi
while read -r library; do
  case $(basename "$library") in
    libc.so.* | libm.so.* | libdl.so.* | libpthread.so.* | librt.so.* | libresolv.so.* | ld-linux*) continue ;;
  esac
  cp -L "$library" "$folder/lib/"
  # What Debian says about who made it and under which terms.
  package=$(dpkg-query -S "$(readlink -f "$library")" 2>/dev/null | head -n 1 | cut -d: -f1) || true
  [[ -z $package ]] || cp -L "/usr/share/doc/$package/copyright" "$folder/licenses/$package" 2>/dev/null || true
done < "$staging/libraries"
for text in LICENSE THIRD_PARTY_NOTICES.md; do cp -L "$runfiles/diarflow/$text" "$folder/licenses/"; done

# Data where the program looks for it: as the build lays it out.
for repository in "$runfiles"/*/; do
  repository=$(basename "$repository")
  for part in "$runfiles/$repository"/*; do
    case $repository/$(basename "$part") in
      diarflow/_solib_* | diarflow/cli | diarflow/LICENSE | diarflow/THIRD_PARTY_NOTICES.md | libtorch/* | bazel_tools/*) continue ;;
    esac
    mkdir -p "$folder/diarflow.runfiles/$repository"
    cp -rL "$part" "$folder/diarflow.runfiles/$repository/"
  done
done
chmod -R u+w,a+rX "$folder"

if [[ -n $folder_only ]]; then
  mv "$folder" "$path"
else
  tar --owner=0 --group=0 -C "$staging" -czf "$staging/archive" "diarflow-$version"
  mv "$staging/archive" "$path"
fi
echo "$path, $(du -sh "$path" | cut -f1)"
