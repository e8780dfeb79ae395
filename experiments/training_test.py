#!/usr/bin/env python3
"""A training as its users meet it: killed at any moment and started again, it ends as one that was left alone."""
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

RUNFILES = os.environ["TEST_SRCDIR"]
DIARFLOW = os.path.join(RUNFILES, "diarflow", "cli", "diarflow")

PIPELINE = """
name: "tiny_training"
resource { name: "voices" type: "SpeechSource" }
resource { name: "mimi" type: "MimiModel" }
resource {
  name: "trainer" type: "Trainer"
  options { [diarflow/Trainer] {
    folder: "%s"
    # Fewer sessions in memory than there are, and crops shorter than they: all that has to be found again.
    adapter {
      config { input_width: 128 width: 16 num_heads: 2 feed_forward: 32 num_layers: 1 }
      sessions_in_memory: 4 first_sessions: 3 updates_per_session: 2 crop_labels: 40
    }
    training { updates: 24 batch: 2 rate: 1e-3 warm_up: 2 schedule: COSINE validate_every: 4 patience: 0 }
  } }
}
node {
  name: "conversations" type: "TrainingSessions"
  resource: "TRAIN:voices" resource: "VALIDATION:voices" resource: "TRAINER:trainer"
  output: "CONVERSATION:conversations" output: "ROLE:roles"
  options { [diarflow/TrainingSessions] {
    kind { conversation { num_speakers: 2 session_length: 6 } sessions: 10 }
    validation { conversation { num_speakers: 2 session_length: 6 } sessions: 2 }
  } }
}
node { type: "RenderConversation" input: "conversations" output: "AUDIO:audio" output: "TURNS:turns" }
node { type: "Resample" input: "audio" output: "audio_24k" options { [diarflow/Resample] { sample_rate: 24000 } } }
node { type: "MimiEncode" input: "audio_24k" resource: "MODEL:mimi" output: "latents" }
node { type: "LabelFrames" input: "FRAMES:latents" input: "TURNS:turns" output: "labels" }
node {
  name: "train" type: "TrainAdapter"
  input: "FRAMES:latents" input: "LABELS:labels" input: "ROLE:roles" resource: "trainer"
}
run { threads: 2 %s }
"""


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class TrainingTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def command(self, name, run=""):
        pipeline = os.path.join(self.folder, name + ".textproto")
        with open(pipeline, "w", encoding="utf-8") as file:
            file.write(PIPELINE % (os.path.join(self.folder, name), run))
        return [DIARFLOW, "run", pipeline, "--out=" + os.path.join(self.folder, name + "_out")]

    def train(self, command, code=0):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_killed_and_started_again_it_ends_as_if_it_had_not_been(self):
        began = time.monotonic()
        text = self.train(self.command("whole"))
        seconds = time.monotonic() - began
        self.assertIn("updates a second", text)
        self.assertIn("24\t", text)
        whole = os.path.join(self.folder, "whole")
        self.assertTrue(os.path.exists(os.path.join(whole, "curves.svg")))
        killed = 0
        for share in (0.3, 0.5, 0.7, 0.6):
            with subprocess.Popen(self.command("parts"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
                time.sleep(share * seconds)
                killed += program.poll() is None
                program.send_signal(signal.SIGKILL)
        self.assertGreater(killed, 0)
        self.train(self.command("parts"))
        for name in ("latest.safetensors", "best.safetensors", "metrics.tsv"):
            self.assertEqual(digest(os.path.join(self.folder, "parts", name)), digest(os.path.join(whole, name)), name)
        # One that has ended has nothing left to do, and says the same.
        self.assertIn("24\t", self.train(self.command("whole")))

    def test_what_cannot_be_is_said(self):
        command = self.command("wrong")
        self.assertIn("nowhere.jsonl", self.train(command + ["--set", "voices.manifest=/nowhere.jsonl"], code=2))
        self.assertIn("input_width", self.train(command + ["--set", "trainer.adapter.config.input_width=0"], code=2))
        self.assertIn("[T, 64]", self.train(command + ["--set", "trainer.adapter.config.input_width=64"], code=1))
        # Another recipe in a folder that is taken.
        self.train(self.command("taken"))
        self.assertIn("another training", self.train(self.command("taken") + ["--set", "trainer.training.rate=1e-4"], code=2))


if __name__ == "__main__":
    unittest.main()
