#!/usr/bin/env python3
"""`diarflow diarize --enroll`: people of one excerpt are found in the next one of the same meeting, strangers are not."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

RUNFILES = os.environ["TEST_SRCDIR"]
sys.path.insert(0, os.path.join(RUNFILES, "diarflow", "cli"))
from sounds_for_tests import EXCERPTS, encode, read_excerpt, read_rttm  # noqa: E402

DIARFLOW = os.path.join(RUNFILES, "diarflow", "cli", "diarflow")


def reference(recording):
    part = {"dev": "development", "trn": "train", "tst": "test"}[recording[:3]]
    return read_rttm(os.path.join(EXCERPTS, part + ".rttm"), recording)


def frames_of(turns):
    """Speakers of each 10 ms."""
    frames = {}
    for start, duration, speaker in turns:
        for frame in range(round(100 * start), round(100 * (start + duration))):
            frames.setdefault(frame, set()).add(speaker)
    return frames


class EnrollTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def voice(self, recording, speaker):
        """A file of what the speaker says alone in a recording."""
        samples = read_excerpt(recording)
        alone = samples[:0]
        for frame, speakers in sorted(frames_of(reference(recording)).items()):
            if speakers == {speaker}:
                alone += samples[160 * frame : 160 * (frame + 1)]
        path = "%s of %s.wav" % (speaker, recording)
        encode(os.path.join(self.folder, path), alone)
        return path

    def diarize(self, *arguments, code=0):
        done = subprocess.run([DIARFLOW, "diarize", "--out=out", "--page=false"] + list(arguments), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", check=False,
                              env=dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder))
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def turns(self, recording):
        turns = read_rttm(os.path.join(self.folder, "out", recording + ".rttm"))
        with open(os.path.join(self.folder, "out", recording + ".json"), encoding="utf-8") as file:
            self.assertEqual({turn["speaker"] for turn in json.load(file)["turns"]}, {turn[2] for turn in turns})
        return turns

    def check(self, enrolled_in, found_in, least_right):
        """Enrols who speaks alone for 2 s in one recording. Of their speech in the other, how much is under the right name?"""
        said = [list(names)[0] for names in frames_of(reference(enrolled_in)).values() if len(names) == 1]
        speakers = sorted(name for name in set(said) if said.count(name) > 200)
        flags = ["--enroll=%s=%s" % (name, self.voice(enrolled_in, name)) for name in speakers]
        self.diarize(os.path.join(EXCERPTS, found_in + ".wav"), *flags)
        truth, found = frames_of(reference(found_in)), frames_of(self.turns(found_in))
        lone = [frame for frame, names in truth.items() if names <= set(speakers) and len(names) == 1 and frame in found]
        right = sum(truth[frame] <= found[frame] for frame in lone) / len(lone)
        print("%s -> %s: %.3f of %.1f s under the right name" % (enrolled_in, found_in, right, len(lone) / 100))
        self.assertGreater(right, least_right)

    def test_people_are_found_again(self):
        self.check("dev00", "dev01", .7)
        self.check("trn07", "trn08", .5)

    def test_strangers_are_not(self):
        flags = ["--enroll=%s=%s" % (name, self.voice("dev00", name)) for name in ["MEE009", "MEE012"]]
        recordings = ["trn07", "trn08", "tst00", "trn00"]
        self.diarize(*[os.path.join(EXCERPTS, name + ".wav") for name in recordings], *flags)
        for name in recordings:
            print(name, {turn[2] for turn in self.turns(name)})
        self.assertEqual([name for name in recordings if {turn[2] for turn in self.turns(name)} & {"MEE009", "MEE012"}], [])

    def test_bad_input(self):
        recording = os.path.join(EXCERPTS, "dev01.wav")
        voice = self.voice("dev00", "MEE009")
        encode(os.path.join(self.folder, "short.wav"), read_excerpt("dev00")[:15999])
        encode(os.path.join(self.folder, "silent.wav"), [0] * 32000)
        for flag, text in [("Ann", "write NAME=FILE"), ("Ann=", "write NAME=FILE"), ("=" + voice, "no name"),
                           ("Ann B=" + voice, "blank"), ("speaker1=" + voice, "not known"),
                           ("Ann=nowhere.wav", "nowhere.wav: cannot be opened"), ("Ann=short.wav", "from 1 s on"),
                           ("Ann=silent.wav", "nothing is to be heard")]:
            self.assertIn(text, self.diarize(recording, "--enroll=" + flag, code=2).stderr)
        for value in ["0", "1.5", "nan"]:
            self.assertIn("threshold", self.diarize(recording, "--enroll=Ann=" + voice, "--enroll_threshold=" + value, code=2).stderr)


if __name__ == "__main__":
    sys.exit(unittest.main())
