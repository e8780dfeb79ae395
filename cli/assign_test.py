#!/usr/bin/env python3
"""`diarflow assign` and `diarflow --version` as a user types them."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

DIARFLOW = os.path.join(os.environ["TEST_SRCDIR"], "diarflow", "cli", "diarflow")
WORDS = "réunion 1 0.5 0.4 hello\nréunion 1 4.2 0.5 yes 0.9\nréunion 1 20 1 far NA lex\n"
TURNS = "SPEAKER réunion 1 0 4 <NA> <NA> Zoë <NA> <NA>\nSPEAKER réunion 1 4.3 4 <NA> <NA> Ann <NA> <NA>\n"


class AssignTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        self.write("words.ctm", WORDS)
        self.write("who.rttm", TURNS)

    def tearDown(self):
        shutil.rmtree(self.folder)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def diarflow(self, *arguments, code=0):
        environment = dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder)
        done = subprocess.run([DIARFLOW] + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=environment, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        if code == 2:
            self.assertEqual(done.stdout, "")
        return done

    def assign(self, *flags, code=0):
        return self.diarflow("assign", "--ctm=words.ctm", "--rttm", "who.rttm", *flags, code=code)

    def test_ctm_and_text(self):
        lines = ["réunion 1 0.500 0.400 hello NA lex Zoë", "réunion 1 4.200 0.500 yes 0.9 lex Ann", "réunion 1 20.000 1.000 far NA lex NA"]
        self.assertEqual(self.assign().stdout.splitlines(), lines)
        self.assertIn("far NA lex Ann", self.assign("--reach=12").stdout)
        self.assertEqual(self.assign("--format=text").stdout, "[0:00:00] Zoë: hello\n[0:00:04] Ann: yes\n[0:00:20] ?: far\n")
        self.assertEqual(self.assign("--out=deep/out.ctm").stdout, "")
        with open(os.path.join(self.folder, "deep", "out.ctm"), encoding="utf-8") as file:
            self.assertEqual(file.read().splitlines(), lines)
        self.write("again.ctm", "\n".join(lines) + "\n")
        self.assertEqual(self.diarflow("assign", "--ctm=again.ctm", "--rttm=who.rttm").stdout.splitlines(), lines)

    def test_several_recordings(self):
        self.write("words.ctm", WORDS + "reunion 1 0 1 other\n")
        done = self.assign("--format=text", code=3)
        self.assertIn("no turns of reunion", done.stderr)
        self.assertIn("== réunion ==\n[0:00:00] Zoë: hello\n", done.stdout)
        self.assertIn("\n== reunion ==\n[0:00:00] ?: other\n", done.stdout)

    def test_bad_input(self):
        self.assertIn("--rttm is missing", self.diarflow("assign", "--ctm=words.ctm", code=2).stderr)
        self.assertIn("--ctm is missing", self.diarflow("assign", code=2).stderr)
        self.assertIn("what is \"x\"", self.assign("x", code=2).stderr)
        self.assertIn("must be ctm or text", self.assign("--format=tex", code=2).stderr)
        self.assertIn("--reach", self.assign("--reach=-1", code=2).stderr)
        self.assertIn("nowhere.ctm", self.assign("--ctm=nowhere.ctm", code=2).stderr)
        self.write("bad.ctm", WORDS + "réunion 1 x 1 word\n")
        self.assertIn("bad.ctm:4", self.assign("--ctm=bad.ctm", code=2).stderr)
        self.assertIn("words.ctm:1", self.assign("--rttm=words.ctm", code=2).stderr)
        self.write("folder", "is a file")
        self.assertIn("--out", self.assign("--out=folder/out.ctm", code=1).stderr)
        self.assertIn("--reach=SECONDS", self.diarflow("assign", "--help").stdout)

    def test_version(self):
        self.assertRegex(self.diarflow("--version").stdout, r"^diarflow \d+\.\d+\.\d+\n$")
        self.assertIn("diarflow --version", self.diarflow("--help").stdout)


if __name__ == "__main__":
    sys.exit(unittest.main())
