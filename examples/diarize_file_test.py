#!/usr/bin/env python3
"""The example says who speaks when in an excerpt, and what is wrong with what it is given."""
import os
import re
import subprocess
import sys
import unittest

RUNFILES = os.environ["TEST_SRCDIR"]
PROGRAM = os.path.join(RUNFILES, "diarflow", "examples", "diarize_file")
EXCERPTS = os.path.join(RUNFILES, "excerpts", "excerpts")
WEIGHTS = [os.path.join(RUNFILES, "speaker_models", name)
           for name in ["segmentation/pyannote_segmentation.pt", "campplus/campplus_cn_en_common.pt"]]


def run(*arguments):
    return subprocess.run([PROGRAM] + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", check=False)


class DiarizeFileTest(unittest.TestCase):
    def test_an_excerpt(self):
        done = run(*WEIGHTS, os.path.join(EXCERPTS, "dev00.wav"))
        self.assertEqual(done.returncode, 0, done.stderr)
        found, speakers = set(), set()
        for line in done.stdout.splitlines():
            start, end, speaker = re.fullmatch(r" *(\d+\.\d{3}) +(\d+\.\d{3})  (speaker\d+)", line).groups()
            self.assertLess(float(start), float(end))
            found.update(range(round(100 * float(start)), round(100 * float(end))))
            speakers.add(speaker)
        self.assertIn(len(speakers), [2, 3])
        with open(os.path.join(EXCERPTS, "development.rttm"), encoding="utf-8") as file:
            turns = [line.split() for line in file if " dev00 " in line]
        said = {frame for turn in turns for frame in range(round(100 * float(turn[3])), round(100 * (float(turn[3]) + float(turn[4]))))}
        self.assertLess(len(said ^ found) / len(said), .25)

    def test_bad_input(self):
        self.assertEqual(run().returncode, 2)
        done = run(*WEIGHTS, "nowhere.wav")
        self.assertEqual(done.returncode, 1)
        self.assertIn("nowhere.wav", done.stderr)
        self.assertIn("none.pt", run("none.pt", WEIGHTS[1], "nowhere.wav").stderr)


if __name__ == "__main__":
    sys.exit(unittest.main())
