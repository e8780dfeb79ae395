#!/usr/bin/env python3
"""The linear probe as a user meets it: its rows in both protocols, its folder, its exit codes."""
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import wave

RUNFILES = os.environ["TEST_SRCDIR"]
PROGRAM = os.path.join(RUNFILES, "diarflow", "experiments", "linear_probe")
DIARFLOW = os.path.join(RUNFILES, "diarflow", "cli", "diarflow")
COUNCIL = os.path.join(RUNFILES, "council", "council")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def seconds_of(path):
    with wave.open(path) as file:
        return file.getnframes() / file.getframerate()


def longest_recordings(speaker, sessions):
    """Of so many sessions, as "speaker/session/file"."""
    for session in sorted(os.listdir(os.path.join(COUNCIL, speaker)))[:sessions]:
        names = sorted(os.listdir(os.path.join(COUNCIL, speaker, session)))
        longest = max(names, key=lambda name: os.path.getsize(os.path.join(COUNCIL, speaker, session, name)))
        yield "/".join([speaker, session, longest])


class LinearProbeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        # Trials of four speakers; a manifest of three others with at most 4.2 s of two recordings each: pieces of 3 s,
        # of 1.2 s, what is shorter than that, and nothing where a recording is too short.
        speakers = sorted(os.listdir(COUNCIL))
        cls.listed, cls.others = speakers[:4], speakers[4:7]
        utterances = []
        for speaker in cls.listed:
            for path in longest_recordings(speaker, 2):
                target = os.path.join(cls.folder, path)
                os.makedirs(os.path.dirname(target))
                shutil.copyfile(os.path.join(COUNCIL, path), target)
                utterances += ["%s#t=%d,%d" % (path, t, t + 1) for t in range(2)]
        cls.trials = os.path.join(cls.folder, "trials.txt")
        with open(cls.trials, "w", encoding="utf-8") as file:
            for i, a in enumerate(utterances):
                for b in utterances[i + 1 :]:
                    file.write("%d %s %s\n" % (a.split("/")[0] == b.split("/")[0], a, b))
        cls.utterances = len(utterances)
        cls.pairs = cls.utterances * (cls.utterances - 1) // 2
        cls.manifest, cls.pieces = cls.write_manifest("others.jsonl", cls.others)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def write_manifest(cls, name, speakers):
        path = os.path.join(cls.folder, name)
        pieces = 0
        with open(path, "w", encoding="utf-8") as file:
            for speaker in speakers:
                for recording in longest_recordings(speaker, 2):
                    audio = os.path.join(COUNCIL, recording)
                    duration = min(4.2, math.floor(10 * seconds_of(audio)) / 10)
                    pieces += (duration >= 1) + (duration >= 4)
                    json.dump({"audio_filepath": audio, "duration": duration, "utterance": recording, "speaker_id": speaker}, file)
                    file.write("\n")
        return path, pieces

    def run_program(self, *flags, program=(PROGRAM,), corpus=True, code=0):
        command = list(program) + list(flags)
        if corpus:
            command += ["--trials=" + self.trials, "--cache="]
            if not any("--voices=" in flag for flag in flags):
                command.append("--voices=" + self.manifest)
        environment = dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder, HOME=self.folder)
        environment.pop("MIMI_CHECKPOINT", None)
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def figures(self, folder):
        """EER by the first words of a system's name, from the report."""
        report = read(os.path.join(self.folder, folder, "report.textproto"))
        self.assertIn("ProbeReport", report)
        found = re.findall(r'name: "(\w+ probe)[^"]*"\s+pairs: (\d+).*?\beer: ([\d.e-]+)', report, re.S)
        for _, pairs, eer in found:
            self.assertEqual(int(pairs), self.pairs)
            self.assertGreaterEqual(float(eer), 0)
            self.assertLess(float(eer), 0.6)
        return {name: eer for name, _, eer in found}, report

    def test_both_protocols_and_the_row_without_a_probe(self):
        done = self.run_program("--out=both")
        rows = re.findall(r"\n +\d+\.\d\d +[\d.]+ to [\d.]+ .*  (original probe|honest probe|no probe: Mimi, 16 filters).*", done.stdout)
        self.assertEqual(rows, ["original probe", "honest probe", "no probe: Mimi, 16 filters"])
        self.assertRegex(done.stdout, r"Pairs +%d\n" % self.pairs)
        self.assertRegex(done.stdout, r"\noriginal +4 +%d +\d+\.\d\d %%  the utterances of the trials\n" % self.utterances)
        self.assertRegex(done.stdout, r"\nhonest +3 +%d +\d+\.\d\d %%  speakers of no trial\n" % self.pieces)
        folder = os.path.join(self.folder, "both")
        self.assertEqual(sorted(os.listdir(folder)), ["pipeline.svg", "pipeline.textproto", "report.textproto", "scores.svg", "scores.tsv"])
        scores = read(os.path.join(folder, "scores.tsv")).splitlines()
        self.assertEqual(scores[0], "label\tenrol\ttest\tscore\thonest\tno_probe")
        self.assertEqual(len(scores), 1 + self.pairs)
        self.assertNotIn("\t-\t", "\n".join(scores) + "\t")
        figures, report = self.figures("both")
        self.assertEqual(sorted(figures), ["honest probe", "no probe", "original probe"])
        for words in ["protocol: ORIGINAL", "protocol: HONEST", "training_accuracy: ", "training_speakers: 4", "training_speakers: 3", "eer_interval {"]:
            self.assertIn(words, report)
        # The written pipeline is the run: it gives the same scores without the flags, by other threads as well.
        self.run_program("run", os.path.join(folder, "pipeline.textproto"), "--out=again", "--threads=1", program=(DIARFLOW,), corpus=False)
        self.assertEqual(read(os.path.join(self.folder, "again", "scores.tsv")).splitlines(), scores)

    def test_protocol_chooses_the_rows(self):
        self.run_program("--out=all")
        both, _ = self.figures("all")
        for protocol, items in [("original", self.utterances), ("honest", self.utterances + self.pieces)]:
            done = self.run_program("--out=" + protocol, "--protocol=" + protocol)
            chosen, report = self.figures(protocol)
            self.assertEqual(sorted(chosen), sorted([protocol + " probe", "no probe"]))
            # Neither probe hangs on the other.
            for name, eer in chosen.items():
                self.assertEqual(eer, both[name])
            self.assertIn("protocol: %s\n" % protocol.upper(), report)
            self.assertRegex(done.stdout, r"\nencode +%d " % items)
        for flag, message in [("--protocol=honst", 'did you mean "honest"?'), ("--protocol=", "neither original nor honest")]:
            self.assertIn(message, self.run_program(flag, code=2).stderr)

    def test_nobody_of_the_trials_trains_the_honest_probe(self):
        shared = self.listed[1]
        manifest, _ = self.write_manifest("shared.jsonl", self.others + [shared])
        refused = self.run_program("--voices=" + manifest, code=2).stderr
        for words in ["OTHERS has speakers of the trials", shared, "without_speaker"]:
            self.assertIn(words, refused)
        self.run_program("--out=left_out", "--voices=" + manifest, "--set=voices.without_speaker=" + shared)
        self.run_program("--out=alone", "--voices=" + self.manifest)
        self.assertEqual(read(os.path.join(self.folder, "left_out", "scores.tsv")), read(os.path.join(self.folder, "alone", "scores.tsv")))
        self.run_program("--out=original_only", "--voices=" + manifest, "--protocol=original")

    def test_without_a_manifest_it_learns_from_the_voices_set(self):
        done = self.run_program("--out=voices", "--voices=", "--protocol=honest", "--set=voices.num_speakers=3")
        self.assertRegex(done.stdout, r"\nhonest +3 +\d+ ")

    def test_an_unreadable_file_is_named_and_left_out(self):
        broken = os.path.join(self.folder, "broken.wav")
        with open(broken, "wb") as file:
            file.write(b"not audio")
        manifest = os.path.join(self.folder, "broken.jsonl")
        with open(manifest, "w", encoding="utf-8") as file:
            file.write(read(self.manifest))
            file.write('{"audio_filepath": "%s", "duration": 2, "utterance": "broken", "speaker_id": "somebody"}\n' % broken)
        done = self.run_program("--out=broken", "--voices=" + manifest, code=3)
        self.assertIn("to train on: broken", done.stderr)
        self.assertRegex(done.stdout, r"\nhonest +3 +%d " % self.pieces)

    def test_what_cannot_be_is_said(self):
        for flags, message in [
            (["--voices=/nowhere/manifest.jsonl"], "/nowhere/manifest.jsonl"),
            (["--mimi_weights=/nowhere/mimi.safetensors"], "/nowhere/mimi.safetensors"),
            (["--epochs=-1"], "epochs is -1"),
            (["--set=read.least_seconds=100", "--set=read.piece_seconds=0"], "no utterance of OTHERS is as long"),
            (["--protocl=honest"], 'did you mean "protocol"?'),
        ]:
            self.assertIn(message, self.run_program(*flags, code=2).stderr)
        # Nobody to be told apart from.
        manifest, _ = self.write_manifest("one.jsonl", self.others[:1])
        self.assertIn("all examples are of one speaker", self.run_program("--voices=" + manifest, code=1).stderr)

    def test_help_lists_the_flags_of_the_pipeline(self):
        done = self.run_program("--help", corpus=False)
        for flag in ["--protocol", "--mimi_weights", "--voxceleb", "--trials", "--voices", "--epochs", "--seed", "--cache", "MIMI_CHECKPOINT"]:
            self.assertIn(flag, done.stdout)


if __name__ == "__main__":
    sys.exit(unittest.main())
