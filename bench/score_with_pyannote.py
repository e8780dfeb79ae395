"""Scores RTTM files with pyannote.metrics, again and again, for //bench:scoring.

    python score_with_pyannote.py FOLDER        with reference.rttm, hypothesis.rttm and all.uem in it

Reads everything into memory, says the version, and then answers each line of standard input,

    COLLAR SKIP_OVERLAP                         seconds around each boundary, on both sides together; 0 or 1

with the seconds that all recordings took, without reading, and the pooled seconds:

    TIME TOTAL MISSED FALSE_ALARM CONFUSION
"""
import importlib.metadata
import os
import sys
import time

from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate


def read_rttm(path):
    recordings = {}
    with open(path, encoding="utf-8") as file:
        for track, line in enumerate(file):
            fields = line.split()
            start, duration = float(fields[3]), float(fields[4])
            annotation = recordings.setdefault(fields[1], Annotation(uri=fields[1]))
            annotation[Segment(start, start + duration), track] = fields[7]
    return recordings


def read_uem(path):
    regions = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            uri, _, start, end = line.split()
            regions.setdefault(uri, []).append(Segment(float(start), float(end)))
    return {uri: Timeline(segments) for uri, segments in regions.items()}


def main():
    references, hypotheses = (read_rttm(os.path.join(sys.argv[1], name)) for name in ["reference.rttm", "hypothesis.rttm"])
    regions = read_uem(os.path.join(sys.argv[1], "all.uem"))
    print("pyannote.metrics", importlib.metadata.version("pyannote.metrics"), flush=True)
    for line in sys.stdin:
        collar, skip_overlap = line.split()
        metric = DiarizationErrorRate(collar=float(collar), skip_overlap=skip_overlap == "1")
        start = time.perf_counter()
        for uri, reference in references.items():
            metric(reference, hypotheses[uri], uem=regions[uri])
        seconds = time.perf_counter() - start
        parts = [metric.accumulated_[name] for name in ["total", "missed detection", "false alarm", "confusion"]]
        print(*["%.9f" % number for number in [seconds] + parts], flush=True)


if __name__ == "__main__":
    main()
