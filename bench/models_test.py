#!/usr/bin/env python3
"""//bench:models without its peers, and with ones that are wrong, broken or missing."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

MODELS = os.path.join(os.environ["TEST_SRCDIR"], "diarflow", "bench", "models")


class ModelsTest(unittest.TestCase):
    def run_with(self, *flags):
        command = [MODELS, "--rounds=1", "--networks=campplus"] + list(flags)
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)

    def with_peer(self, script):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "bin"))
            python = os.path.join(folder, "bin", "python")
            with open(python, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n" + script)
            os.chmod(python, 0o755)
            return self.run_with("--peers=" + folder)

    def test_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.run_with("--out=" + folder)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn("CAM++, 16 windows of 1.5 s", done.stdout)
            self.assertNotIn("to best peer", done.stdout)
            with open(os.path.join(folder, "models.json"), encoding="utf-8") as file:
                rows = json.load(file)["rows"]
            self.assertEqual([row["name"] for row in rows], ["diarflow", "diarflow, from samples"] * 4)
            self.assertTrue(all(row["ms"] > 0 for row in rows))
            self.assertTrue(os.path.exists(os.path.join(folder, "models.svg")))

    def test_a_peer_that_disagrees_is_noticed(self):
        done = self.with_peer("""echo '{"version": "Net 1"}'
while read line; do echo '{"seconds": 1, "numbers": [1, 2]}'; done""")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("THEY DISAGREE", done.stdout)
        self.assertIn("Net 1", done.stdout)

    def test_a_peer_that_cannot_run_is_a_row_that_says_so(self):
        done = self.with_peer("""echo '{"version": "Net 1"}'
while read line; do echo '{"error": "no such layer"}'; done""")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("no such layer", done.stdout)
        self.assertNotIn("to best peer", done.stdout)
        done = self.run_with("--peers=/nowhere")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("there is no /nowhere/bin/python: `bench/peers.sh models` makes it", done.stdout)

    def test_an_unknown_network_is_named(self):
        done = self.run_with("--networks=mimi")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn('--networks names "mimi"', done.stdout)


if __name__ == "__main__":
    sys.exit(unittest.main())
