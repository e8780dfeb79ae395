#!/usr/bin/env python3
"""//bench:mimi beside a peer that is made up, and the program that it times."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

MIMI = os.path.join(os.environ["TEST_SRCDIR"], "diarflow", "bench", "mimi")


def run(*flags, asked=""):
    return subprocess.run(
        [MIMI] + list(flags), input=asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False
    )


class MimiTest(unittest.TestCase):
    def test_all_rows_beside_a_peer(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "bin"))
            python = os.path.join(folder, "bin", "python")
            with open(python, "w", encoding="utf-8") as file:
                # transformers does not start, rustymimi fails, moshi answers.
                file.write("""#!/bin/sh
[ "$2" = transformers ] && { echo '{"error": "no module"}'; exit; }
echo '{"version": "'"$2"' 9"}'
while read line; do
  [ "$2" = rustymimi ] && echo '{"error": "out of breath"}' || echo '{"seconds": 2, "steps": [0.5], "latent": [1, 2], "memory_kb": 2048}'
done""")
            os.chmod(python, 0o755)
            done = run("--rounds=1", "--threads=1", "--steps=1", "--most_streams=8", "--peers=" + folder, "--out=" + folder)
            self.assertEqual(done.returncode, 0, done.stdout)
            with open(os.path.join(folder, "mimi.json"), encoding="utf-8") as file:
                rows = json.load(file)["rows"]
            self.assertTrue(os.path.exists(os.path.join(folder, "mimi.svg")))
        whole = {row["name"]: row for row in rows if row["group"] == "10 s, 1 thread"}
        self.assertGreater(whole["diarflow fp32"]["ms"], 0)
        self.assertGreater(whole["diarflow fp32"]["memory_mb"], 100)
        self.assertGreater(whole["diarflow fp32"]["compute_share"], 0)
        self.assertEqual(whole["moshi 9 fp32"]["ms"], 2000)
        self.assertEqual(whole["moshi 9 bf16"]["memory_mb"], 2)
        self.assertAlmostEqual(whole["diarflow fp32"]["ratio"], 2000 / whole["diarflow fp32"]["ms"])
        self.assertIn("no module", whole["transformers fp32"]["problem"])
        self.assertIn("out of breath", whole["rustymimi 9 fp32"]["problem"])
        stream = {row["name"]: row for row in rows if row["group"].startswith("one stream")}
        self.assertEqual(stream["moshi 9 fp32"]["p99_ms"], 500)
        self.assertGreater(stream["diarflow fp32"]["bandwidth_share"], 0)
        self.assertTrue(any(row["group"].startswith("many streams") for row in rows))

    def test_the_program_answers_every_line(self):
        asked = ['{"do": "steps", "streams": 2, "steps": 3}', "no question", '{"do": "steps", "steps": "three"}']
        done = run("--serve=fp32", asked="\n".join(asked) + "\n")
        self.assertEqual(done.returncode, 0, done.stdout)
        first, steps, nothing, wrong = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(first["version"], "diarflow")
        self.assertGreater(first["parameters"], 3e7)
        self.assertEqual(len(steps["steps"]), 3)
        self.assertGreater(steps["memory_kb"], 1000)
        self.assertIn("no question", nothing["error"])
        self.assertIn("no question", wrong["error"])

    def test_wrong_flags_are_named(self):
        done = run("--serve=fp8")
        self.assertEqual((done.returncode, done.stdout), (1, "--serve=fp8: it is fp32 or bf16\n"))
        done = run("--peers=/nowhere")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("there is no /nowhere/bin/python: `bench/peers.sh mimi` makes it", done.stdout)


if __name__ == "__main__":
    sys.exit(unittest.main())
