#!/usr/bin/env python3
"""The adapter's pipelines as a user meets them: offline and live, with the small networks that were trained here."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

RUNFILES = os.environ["TEST_SRCDIR"]
sys.path.insert(0, os.path.join(RUNFILES, "diarflow", "cli"))
from sounds_for_tests import encode, read_excerpt, read_rttm  # noqa: E402

# Low enough that something is said of a piece of a meeting.
THRESHOLD = "--threshold=.3"


class DiarizeAdapterTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        cls.samples = read_excerpt("trn03")[: 14 * 16000 + 123]
        encode(os.path.join(cls.folder, "a.wav"), cls.samples)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def run_program(self, program, *arguments, data=b"", code=0):
        environment = dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder)
        command = [os.path.join(RUNFILES, "diarflow", "experiments", program), *arguments]
        done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout.decode() + done.stderr.decode()

    def test_offline_writes_turns_within_the_recording(self):
        # With a reference there are scores.
        with open(os.path.join(self.folder, "ref.rttm"), "w", encoding="utf-8") as file:
            file.write("SPEAKER a 1 1.000 5.000 <NA> <NA> one <NA> <NA>\n")
        text = self.run_program("diarize_adapter", "a.wav", "--reference=ref.rttm", "--out=offline", THRESHOLD)
        self.assertIn("one speaker says everything", text)
        turns = read_rttm(os.path.join(self.folder, "offline", "a.rttm"), "a")
        with open(os.path.join(self.folder, "offline", "a.json"), encoding="utf-8") as file:
            written = json.load(file)
        self.assertAlmostEqual(written["duration"], len(self.samples) / 16000, delta=0.001)
        self.assertEqual(len(turns), len(written["turns"]))
        self.assertGreater(len(turns), 0)
        for turn in written["turns"]:
            self.assertLessEqual(turn["end"], written["duration"])
            self.assertGreater(turn["confidence"], 0)

    def test_pieces_of_any_length_give_the_same_turns(self):
        """Cut every 2.5 s, everything carries its state on."""
        self.run_program("diarize_adapter", "a.wav", "--out=whole", "--page=false", THRESHOLD)
        self.run_program("diarize_adapter", "a.wav", "--out=pieces", "--page=false", THRESHOLD, "--set", "pieces.piece_seconds=2.5")
        with open(os.path.join(self.folder, "whole", "a.rttm"), encoding="utf-8") as one, open(os.path.join(self.folder, "pieces", "a.rttm"), encoding="utf-8") as other:
            self.assertEqual(one.read(), other.read())

    def test_live_says_the_same_however_it_comes(self):
        ended = lambda text: [json.loads(line) for line in text.splitlines() if line.startswith("{") and "\"end\"" in line]
        plain = lambda events: [(event["speaker"], event["start"], event["end"]) for event in events]
        file = ended(self.run_program("diarize_adapter_live", "a.wav", "--format=JSON", "--out=file", THRESHOLD))
        raw = ended(self.run_program("diarize_adapter_live", "--format=JSON", "--out=raw", THRESHOLD, "--set", "read.piece_milliseconds=333", data=self.samples.tobytes()))
        self.assertGreater(len(file), 0)
        self.assertEqual(plain(file), plain(raw))

    def test_bad_input_has_a_sentence(self):
        self.assertIn("nowhere.pt", self.run_program("diarize_adapter", "a.wav", "--adapter_weights=nowhere.pt", "--out=x", code=2))
        self.assertIn("yours to bring", self.run_program("diarize_adapter", "a.wav", "--encoder=TITANET", "--out=x", code=2))
        # Untrained networks of the published sizes do not fit small ones.
        self.assertIn("704", self.run_program("diarize_adapter", "a.wav", "--size=published", "--out=x", code=3))


if __name__ == "__main__":
    unittest.main()
