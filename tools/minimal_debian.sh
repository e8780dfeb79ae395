# A minimal Debian 12 in a folder, made on the spot. For scripts that source it: it takes their options
#
#   --root DIR   where the machine is made, an empty folder or none yet; default: a new folder in $TMPDIR
#   --keep       leaves it there when done
#
# off their arguments, and make_debian makes the machine in $root. Other options print the script's own head.
script=$(basename "$0" .sh)
source_tree=$(cd "$(dirname "$0")/.." && pwd)

step() { echo "$script: $(date +%T) $*"; }
fail() { echo "$script: $*" >&2; exit 2; }

root= keep=
while [[ ${1:-} == --* ]]; do
  case $1 in
    --root) root=$2; shift 2 ;;
    --keep) keep=1; shift ;;
    *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit 2 ;;
  esac
done

clean_up() {
  local mounted
  for mounted in proc sys dev; do
    mountpoint -q "$root/$mounted" && umount -lR "$root/$mounted"
  done
  # Never past a mount that is still there.
  [[ -n $keep ]] || rm -rf --one-file-system "$root"
}

# With the given options of mmdebstrap. Goes again when the script ends.
make_debian() {
  # Whatever is in the folder would go as well.
  [[ -z $root || -z $(ls -A "$root" 2>/dev/null) ]] || fail "$root is not empty"
  [[ $(id -u) -eq 0 ]] || fail "needs root, for chroot and mount"
  command -v mmdebstrap >/dev/null || fail "install mmdebstrap: apt-get install -y mmdebstrap"
  [[ -n $root ]] || root=$(mktemp -d "${TMPDIR:-/tmp}/$script.XXXXXX")
  mkdir -p "$root"
  root=$(realpath "$root")
  trap clean_up EXIT
  step "making a minimal Debian 12 in $root"
  local sources=/etc/apt/sources.list.d/debian.sources
  [[ -f $sources ]] || sources=/etc/apt/sources.list
  mmdebstrap --quiet --variant=minbase "$@" bookworm "$root" "$sources"
  mount -t proc proc "$root/proc"
}
