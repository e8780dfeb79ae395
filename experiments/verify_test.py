#!/usr/bin/env python3
"""The verify program as a user meets it: two files, an answer, and where the threshold comes from."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

RUNFILES = os.environ["TEST_SRCDIR"]
PROGRAM = os.path.join(RUNFILES, "diarflow", "experiments", "verify")
COUNCIL = os.path.join(RUNFILES, "council", "council")


class VerifyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        # The longest recording of two sessions each of the first two speakers that have two.
        cls.recordings = []
        for speaker in sorted(os.listdir(COUNCIL)):
            sessions = sorted(os.listdir(os.path.join(COUNCIL, speaker)))
            if len(sessions) < 2 or len(cls.recordings) == 2:
                continue
            found = []
            for session in sessions[:2]:
                folder = os.path.join(COUNCIL, speaker, session)
                longest = max(os.listdir(folder), key=lambda name: os.path.getsize(os.path.join(folder, name)))
                found.append(os.path.join(folder, longest))
            cls.recordings.append(found)
        # A threshold of its own, from a short list, so that the tests are quick.
        lines = []
        for a, (first, second) in enumerate(cls.recordings):
            other = cls.recordings[1 - a][0]
            # The shortest has 7.6 s.
            for t in [0, 2, 4]:
                lines.append("1 %s#t=%d,%d %s#t=%d,%d" % (first, t, t + 3, second, t, t + 3))
                lines.append("0 %s#t=%d,%d %s#t=%d,%d" % (first, t, t + 3, other, t, t + 3))
        cls.trials = os.path.join(cls.folder, "trials.txt")
        with open(cls.trials, "w", encoding="utf-8") as file:
            file.write("\n".join(lines).replace(COUNCIL + "/", "") + "\n")
        shutil.copyfile(cls.recordings[0][0], os.path.join(cls.folder, "here.wav"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def verify(self, *arguments, code=0):
        command = [PROGRAM, "--trials=" + self.trials, "--set=trials.root=" + COUNCIL, "--cache=", *arguments]
        environment = dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder, HOME=self.folder)
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_answers_for_every_pair(self):
        # Of the length that the list has: longer pieces of two speakers score higher.
        a, a_again, b = [path + "#t=3,6" for path in self.recordings[0] + self.recordings[1][:1]]
        done = self.verify(a, a_again, b)
        answers = re.findall(r"Answer +(.*)", done.stdout)
        self.assertEqual(answers, ["the same speaker", "two speakers", "two speakers"], done.stdout)
        self.assertRegex(done.stdout, r"Score +\d\.\d{4} \(cosine\), threshold -?\d\.\d{4}")
        self.assertRegex(done.stdout, r"Evidence +\d+\.\d\d % of the pairs of two speakers")
        self.assertRegex(done.stdout, r"Threshold .* on 6 pairs of one speaker and 6 of two: .*trials\.txt")
        with open(os.path.join(self.folder, "diarflow-out", "verify", "report.textproto"), encoding="utf-8") as file:
            self.assertIn("VerifyReport", file.read())

    def test_paths_are_relative_and_may_name_a_piece(self):
        done = self.verify("here.wav#t=0,3", "here.wav#t=3,6")
        self.assertIn("here.wav#t=0,3\nhere.wav#t=3,6\n  Answer      the same speaker", done.stdout)

    def test_bad_files_are_named(self):
        done = self.verify("here.wav", "nowhere.wav", code=1)
        self.assertIn("nowhere.wav", done.stderr)
        self.assertIn("name two or more", self.verify("here.wav", code=2).stderr)
        self.assertIn("name two or more", self.verify(code=2).stderr)


if __name__ == "__main__":
    sys.exit(unittest.main())
