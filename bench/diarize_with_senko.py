"""Senko for //bench:diarization: says when it is ready, then answers every path with a line of times and turns."""
import json
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")
answers = sys.stdout
sys.stdout = sys.stderr
began = time.perf_counter()
import senko  # noqa: E402

diarizer = senko.Diarizer(device="cpu", vad="silero", warmup=True, quiet=True)
print(json.dumps({"start_seconds": time.perf_counter() - began}), file=answers, flush=True)
for line in sys.stdin:
    began = time.perf_counter()
    result = diarizer.diarize(line.strip(), generate_colors=False)
    seconds = time.perf_counter() - began
    turns = [[turn["start"], turn["end"], turn["speaker"]] for turn in result["merged_segments"]] if result else []
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "memory_kb": memory, "turns": turns}), file=answers, flush=True)
