#!/usr/bin/env python3
"""//bench:scoring without its peer, and with one that is wrong."""
import os
import subprocess
import sys
import tempfile
import unittest

SCORING = os.path.join(os.environ["TEST_SRCDIR"], "diarflow", "bench", "scoring")


class ScoringTest(unittest.TestCase):
    def run_with(self, *flags):
        return subprocess.run([SCORING, "--rounds=1"] + list(flags), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)

    def test_alone(self):
        done = self.run_with("--raw")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("16 generated recordings: 9.06 h of audio", done.stdout)
        self.assertEqual(done.stdout.count("ours, ms:"), 3)
        self.assertNotIn("theirs", done.stdout)

    def test_a_peer_that_disagrees_is_noticed(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "bin"))
            python = os.path.join(folder, "bin", "python")
            for answer, message in [("0.5 1 2 3 4", "THEY DISAGREE"), ("words", 'answered "words"')]:
                with open(python, "w", encoding="utf-8") as file:
                    file.write("#!/bin/sh\necho pretended\nwhile read line; do echo '%s'; done\n" % answer)
                os.chmod(python, 0o755)
                done = self.run_with("--peers=" + folder)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(message, done.stdout)

    def test_a_missing_peer_is_named(self):
        done = self.run_with("--peers=/nowhere")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("/nowhere/bin/python has ended, or never started", done.stdout)


if __name__ == "__main__":
    sys.exit(unittest.main())
