#!/usr/bin/env python3
"""What //cli:dist makes: its program finds libraries and data beside it, wherever it lies and however it is started."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

CLI = os.path.join(os.environ["TEST_SRCDIR"], "diarflow", "cli")
SYSTEM = r"linux-vdso|/ld-linux|lib(c|m|dl|pthread|rt|resolv)\.so"


class DistTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        cls.made = os.path.join(cls.folder, "made")
        subprocess.run([os.path.join(CLI, "dist"), "--folder", cls.made], check=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def run_bare(self, command, cwd=None):
        done = subprocess.run(command, cwd=cwd or self.folder, env={"HOME": self.folder, "PATH": "/usr/bin:/bin:" + self.folder},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_every_library_is_its_own(self):
        lines = self.run_bare(["ldd", os.path.join(self.made, "diarflow")]).splitlines()
        self.assertGreater(len(lines), 30)
        for line in lines:
            self.assertTrue(re.search(SYSTEM, line) or "=> %s/" % os.path.join(self.made, "lib") in line, line)
        # Data are files, not links into the build.
        for folder, _, names in os.walk(self.made):
            for name in names:
                self.assertFalse(os.path.islink(os.path.join(folder, name)), name)

    def test_it_diarizes(self):
        excerpt = os.path.join(self.made, "diarflow.runfiles", "excerpts", "excerpts", "dev00.wav")
        link = os.path.join(self.folder, "diarflow-link")
        os.symlink(os.path.join(self.made, "diarflow"), link)
        for number, program in enumerate([os.path.join(self.made, "diarflow"), link, "diarflow-link"]):
            out = os.path.join(self.folder, "out%d" % number)
            self.run_bare([program, "diarize", excerpt, "--out=" + out])
            with open(os.path.join(out, "dev00.rttm"), encoding="utf-8") as file:
                self.assertIn("SPEAKER dev00 1 ", file.read())
        self.assertIn("diarflow ", self.run_bare(["./diarflow", "--version"], cwd=self.made))

    def test_licenses_are_there(self):
        names = os.listdir(os.path.join(self.made, "licenses"))
        for name in ["LICENSE", "THIRD_PARTY_NOTICES.md"]:
            self.assertIn(name, names)
        if shutil.which("dpkg-query"):
            self.assertIn("libsndfile1", names)


if __name__ == "__main__":
    sys.exit(unittest.main())
