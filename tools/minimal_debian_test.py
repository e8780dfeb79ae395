#!/usr/bin/env python3
"""The scripts that make a machine in a folder leave a folder alone in which something is, and explain themselves."""
import os
import subprocess
import sys
import tempfile
import unittest

TOOLS = os.path.join(os.environ["TEST_SRCDIR"], "diarflow", "tools")


class MinimalDebianTest(unittest.TestCase):
    def run_script(self, script, *arguments):
        done = subprocess.run([os.path.join(TOOLS, script)] + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        self.assertEqual(done.returncode, 2, done.stdout)
        return done.stdout

    def test_a_folder_that_is_not_empty_is_refused(self):
        for script in ["dist_check.sh", "fresh_machine.sh"]:
            with tempfile.TemporaryDirectory() as folder:
                mine = os.path.join(folder, "mine")
                with open(mine, "w", encoding="utf-8") as file:
                    file.write("kept")
                self.assertIn(folder + " is not empty", self.run_script(script, "--root", folder))
                self.assertTrue(os.path.exists(mine), script)

    def test_other_options_print_what_there_is(self):
        for script in ["dist_check.sh", "fresh_machine.sh"]:
            self.assertIn("tools/%s [--root DIR] [--keep]" % script, self.run_script(script, "--help"))


if __name__ == "__main__":
    sys.exit(unittest.main())
