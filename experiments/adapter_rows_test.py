#!/usr/bin/env python3
"""The rows on the adapter as a user meets them: evaluated, trained anew in little time, and refused with a sentence."""
import os
import shutil
import subprocess
import tempfile
import unittest

EXPERIMENTS = os.path.join(os.environ["TEST_SRCDIR"], "diarflow", "experiments")


class AdapterRowsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        # Caches and trainings go here.
        self.environment = dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder, HOME=self.folder)

    def tearDown(self):
        shutil.rmtree(self.folder)

    def run_row(self, name, *arguments, code=0):
        done = subprocess.run(
            [os.path.join(EXPERIMENTS, name), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment, encoding="utf-8", check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_a_row_is_trained_and_evaluated(self):
        flags = "--train_flags=--updates=4,--set=trainer.adapter.first_sessions=4,--set=trainer.training.validate_every=2"
        arguments = ["--train", "--train_only=honest", flags, "--protocol=honest", "--out=row"]
        text = self.run_row("adapter_mixtures", *arguments)
        self.assertIn("updates a second", text)
        # What was trained is what is scored, beside what is trivial.
        self.assertIn("best.safetensors", text)
        self.assertIn("trivial: one speaker", text)
        self.assertIn("Mimi alone less one speaker", text)
        self.assertNotIn("NOT a diarization error rate", text)
        for file in ("report.textproto", "scores.txt", "mixtures.Mimi_alone.rttm", "reference.rttm"):
            self.assertTrue(os.path.exists(os.path.join(self.folder, "row", file)), file)
        checkpoints = os.path.join(self.folder, ".cache", "diarflow", "adapter_mixtures", "honest")
        self.assertTrue(os.path.exists(os.path.join(checkpoints, "curves.svg")))
        # A training that is finished is not made again, and gives the same row.
        again = self.run_row("adapter_mixtures", *arguments)
        row = [line for line in text.splitlines() if line.endswith("  Mimi alone")]
        self.assertGreater(len(row), 0)
        self.assertEqual(row, [line for line in again.splitlines() if line.endswith("  Mimi alone")])

    def test_bad_input_has_a_sentence(self):
        self.assertIn("did you mean \"both\"", self.run_row("adapter_fusion", "--train", "--train_only=bott", code=2))
        self.assertIn("nowhere", self.run_row("adapter_frozen", "--learned_weights=nowhere.safetensors", code=2))
        self.assertIn("nowhere", self.run_row("adapter_mixtures", "--test_voices=nowhere.jsonl", code=2))
        self.assertIn("a list of", self.run_row("adapter_unfrozen", "--protocol=honnest", code=2))


if __name__ == "__main__":
    unittest.main()
