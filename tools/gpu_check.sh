#!/usr/bin/env bash
# Compares a GPU with the CPU, on a machine that has one: golden tests of all networks, trainings, whole pipelines, speed.
#
#   LIBTORCH_HOME=<the torch folder of a CUDA build> tools/gpu_check.sh [DEVICE]
#
#   DEVICE   cuda (the default) or cuda:N; cpu compares the CPU with itself, to try this script
#
# Prints a short summary; the output of each step is kept in the folder that it names. Exit code: 0 the GPU gives what
# the CPU gives, 1 it does not, or a step failed, 2 something is missing (it says what). docs/gpu.md
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

device=${1:-cuda}
missing() { echo "gpu_check: $*" >&2; exit 2; }
if [[ $device != cpu ]]; then
  [[ $device =~ ^cuda(:[0-9]+)?$ ]] || missing "DEVICE is $device; it may be cuda, cuda:N or cpu"
  command -v nvidia-smi >/dev/null || missing "there is no nvidia-smi: this machine has no NVIDIA driver"
  gpus=$(nvidia-smi -L 2>&1) && [[ $gpus == GPU* ]] || missing "nvidia-smi sees no GPU: $gpus"
  [[ -n ${LIBTORCH_HOME:-} ]] || missing "LIBTORCH_HOME is not set: it names the torch folder of a CUDA build of LibTorch"
  [[ -e $LIBTORCH_HOME/lib/libtorch_cuda.so ]] ||
    missing "LIBTORCH_HOME=$LIBTORCH_HOME has no lib/libtorch_cuda.so: it is no CUDA build of LibTorch"
  echo "$gpus"
fi

work=$(mktemp -d -t gpu_check.XXXXXX)
failed=0
# step NAME COMMAND...: its output goes to $work/NAME.log.
step() {
  local name=$1 begin=$SECONDS
  shift
  if "$@" >"$work/$name.log" 2>&1; then
    echo "ok      $name ($((SECONDS - begin)) s)"
  else
    failed=1
    echo "FAILED  $name: $work/$name.log"
    tail -n 5 "$work/$name.log" | cut -c1-300 | sed 's/^/          /'
  fi
}

networks=(mimi titanet campplus segmentation adapter)
benchmarks=(mimi titanet campplus segmentation adapter)
tests=(//models/device:device_test //models/testing:gpu_test //nodes:devices_test)
for network in "${networks[@]}"; do tests+=("//models/$network:golden_test"); done
programs=(//experiments:baseline //experiments:diarize)
for network in "${benchmarks[@]}"; do programs+=("//models/$network:${network}_benchmark"); done

step build ./bazelw build "${tests[@]}" "${programs[@]}"
((failed)) && exit 1
# Outside of the sandbox, one at a time: the GPU is there, and has its memory for one.
step golden_tests ./bazelw test --test_env="DIARFLOW_TEST_DEVICE=$device" --nocache_test_results --local_test_jobs=1 \
  --strategy=TestRunner=local "${tests[@]}"

# On the CPU (here) and on the device (there). Without the cache of latents: they are to be computed.
baseline=(baseline --encoders=mimi,campplus,titanet --cache=)
on_device=(--set "mimi.device=$device" --set "campplus_model.device=$device" --set "titanet_model.device=$device")
step baseline_here bazel-bin/experiments/"${baseline[@]}" --out="$work/baseline_here"
step baseline_there bazel-bin/experiments/"${baseline[@]}" --out="$work/baseline_there" "${on_device[@]}"
on_device=(--set "segmentation.device=$device" --set "speaker_encoder.campplus.device=$device")
step diarize_here bazel-bin/experiments/diarize --out="$work/diarize_here"
step diarize_there bazel-bin/experiments/diarize --out="$work/diarize_there" "${on_device[@]}"

compare() {
  python3 - "$work" <<'PYTHON'
import glob, os, sys
work = sys.argv[1]
# Cosines; single precision leaves some 1e-6 of them.
MOST_SCORE = 1e-4
# Turns whose ends lie at a threshold may move by a frame.
MOST_TURNS = 0.02

def rows(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]

def number(text):
    try:
        return float(text)
    except ValueError:
        return None

wrong = []
on_cpu, on_device = (rows(os.path.join(work, "baseline_" + name, "scores.tsv")) for name in ("here", "there"))
pairs = len(on_cpu) - 1
if len(on_cpu) != len(on_device) or pairs < 1000:
    wrong.append("%d and %d pairs are scored" % (pairs, len(on_device) - 1))
largest = 0.0
for a, b in zip(on_cpu, on_device):
    for x, y in zip(a, b):
        if x == y:
            continue
        if number(x) is None or number(y) is None:
            wrong.append("%s beside %s in the scores" % (x, y))
            continue
        largest = max(largest, abs(number(x) - number(y)))
print("scores of %d pairs: largest difference %.2g (at most %g)" % (pairs, largest, MOST_SCORE))
if not largest <= MOST_SCORE:
    wrong.append("scores are %g apart" % largest)

turns = different = 0
for path in sorted(glob.glob(os.path.join(work, "diarize_here", "*.rttm"))):
    with open(path, encoding="utf-8") as file:
        here = file.read().splitlines()
    try:
        with open(os.path.join(work, "diarize_there", os.path.basename(path)), encoding="utf-8") as file:
            there = file.read().splitlines()
    except OSError as error:
        wrong.append(str(error))
        continue
    turns += len(here)
    different += max(len(set(here) - set(there)), len(set(there) - set(here)))
print("turns of who spoke when: %d of %d differ" % (different, turns))
if turns == 0 or different > MOST_TURNS * turns:
    wrong.append("%d of %d turns differ" % (different, turns))
if wrong:
    print("\n".join(wrong))
sys.exit(bool(wrong))
PYTHON
}
((failed)) || { step comparison compare; sed 's/^/          /' "$work/comparison.log"; }

speed() {
  local network
  for network in "${benchmarks[@]}"; do
    for place in here there; do
      local where=cpu
      [[ $place == there ]] && where=$device
      DIARFLOW_TEST_DEVICE=$where "bazel-bin/models/$network/${network}_benchmark" --benchmark_min_time=0.5 \
        --benchmark_filter='BM_(Embed|Classify|Logits|Encode/size:1/.*/bits:32)' --benchmark_format=json >"$work/$network.$place.json"
    done
    python3 - "$work/$network.here.json" "$work/$network.there.json" "$network" <<'PYTHON'
import json, sys
here, there = (json.load(open(path, encoding="utf-8"))["benchmarks"] for path in sys.argv[1:3])
for a, b in zip(here, there):
    fast, faster = a["x_realtime"], b["x_realtime"]
    print("%-13s%-44s%10.0f%10.0f%9.1f" % (sys.argv[3], a["name"].split("/", 1)[1], fast, faster, faster / fast))
PYTHON
  done
}
step speed speed
printf 'x real time; items at once, samples or frames of each    %10s%10s%9s\n' cpu "$device" gain | sed 's/^/          /'
grep -E '^(mimi|titanet|campplus|segmentation|adapter) ' "$work/speed.log" | sed 's/^/          /' || true

echo "gpu_check: $( ((failed)) && echo "not all is well" || echo "$device gives what the CPU gives"); logs in $work"
exit "$failed"
