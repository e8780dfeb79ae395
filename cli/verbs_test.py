#!/usr/bin/env python3
"""The verbs that look at pipelines, as a user types them: check, draw, nodes."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

DIARFLOW = os.path.join(os.environ["TEST_SRCDIR"], "diarflow", "cli", "diarflow")
PIPELINE = """
name: "levels"
description: "Mean levels of a list."
param { name: "list" help: "the list of trials" target: "trials.list" }
param { name: "rate" help: "Hz" target: "resample.sample_rate" }
resource { name: "trials" type: "TrialList" }
node { name: "read" type: "ReadTrials" resource: "trials" output: "utterances" }
node { name: "decode" type: "Decode" input: "utterances" output: "decoded" }
node {
  name: "resample" type: "Resample" input: "decoded" output: "audio"
  options { [diarflow/Resample] { sample_rate: 16000 } }
}
run { threads: 3 max_in_flight: 9 }
"""
REPORT = """
pipeline: "levels" items: 4 wall_seconds: 2 threads: 3
node { name: "decode" busy_seconds: 3 }
node { name: "resample" busy_seconds: 1 items_failed: 2 }
"""


class VerbsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        self.pipeline = self.write("p.textproto", PIPELINE)

    def tearDown(self):
        shutil.rmtree(self.folder)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run_verb(self, *arguments, code=0):
        environment = dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder)
        done = subprocess.run([DIARFLOW] + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_results_are_those_of_the_reports(self):
        os.makedirs(os.path.join(self.folder, "runs", "baseline"))
        self.write("runs/baseline/report.textproto", 'pipeline: "baseline" outcome: RUN_FAILED error: "no sound"')
        done = self.run_verb("results", "--runs=runs", "--out=page.md", "--commit=0123abc")
        self.assertIn("page.md", done.stdout)
        with open(os.path.join(self.folder, "page.md"), encoding="utf-8") as file:
            page = file.read()
        self.assertIn("at commit 0123abc", page)
        self.assertIn("The run failed: no sound", page)
        # The published figures and the weights are those of the tree.
        self.assertIn("EER 35.01 %", page)
        self.assertIn("`small_mimi.safetensors`", page)
        # Without --out it is printed.
        self.assertIn("# Results of the experiments", self.run_verb("results", "--runs=runs").stdout)

    def test_results_without_a_report_are_none(self):
        self.assertIn("--runs=DIR", self.run_verb("results", code=2).stderr)
        self.assertIn("holds no report", self.run_verb("results", "--runs=nowhere", code=2).stderr)
        os.makedirs(os.path.join(self.folder, "runs", "baseline"))
        self.write("runs/baseline/report.textproto", "no proto {")
        self.assertIn("report.textproto", self.run_verb("results", "--runs=runs", code=2).stderr)

    def test_check_says_what_would_run(self):
        done = self.run_verb("check", "p.textproto")
        self.assertIn('"levels" passed all checks: 3 nodes, 3 streams, 1 resource\n', done.stdout)
        self.assertIn("warning: ", done.stderr)
        self.assertIn('nobody reads the stream "audio"', done.stderr)
        rows = [line.split() for line in done.stdout.splitlines()[2:6]]
        self.assertEqual(rows[0][:2], ["node", "type"])
        self.assertEqual(rows[1], ["read", "ReadTrials", "Source", "1", "-", "utterances"])
        self.assertEqual(rows[3], ["resample", "Resample", "Map", "3", "decoded", "audio"])
        self.assertIn("threads: 3", done.stdout)
        self.assertIn("up to 9; at least 1", done.stdout)

    def test_flags_and_set_work_as_in_a_run(self):
        done = self.run_verb("check", "p.textproto", "--threads=5", "--set", "run.max_in_flight=4")
        self.assertIn("threads: 5", done.stdout)
        self.assertIn("up to 4; at least 1", done.stdout)
        for flags, message in [
            (["--rate=fast"], "fast"),
            (["--raet=8000"], 'did you mean "rate"?'),
            (["--set=resample.sample_raet=1"], 'did you mean "sample_rate"?'),
        ]:
            for verb in ["check", "draw"]:
                self.assertIn(message, self.run_verb(verb, self.pipeline, *flags, code=2).stderr)

    def test_check_lists_every_mistake(self):
        self.write("wrong.textproto", PIPELINE.replace('"Decode"', '"Decod"').replace('input: "decoded"', 'input: "decodd"'))
        done = self.run_verb("check", "wrong.textproto", code=2)
        self.assertEqual(done.stdout, "")
        self.assertIn('wrong.textproto:8: node "decode"', done.stderr)
        self.assertIn('did you mean "Decode"?', done.stderr)
        self.assertIn("decodd", done.stderr)
        self.assertIn("nowhere.textproto", self.run_verb("check", "nowhere.textproto", code=2).stderr)
        self.assertIn("diarflow check PIPELINE", self.run_verb("check", code=2).stderr)

    def test_draw_writes_both_formats(self):
        svg = self.run_verb("draw", "p.textproto").stdout
        texts = [text.text for text in xml.etree.ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
        for text in ["levels", "read", "ReadTrials, Source", "decoded: Audio", "trials", "9 tokens"]:
            self.assertTrue(any(text in other for other in texts), (text, texts))
        self.run_verb("draw", "p.textproto", "--out", "made/here/p.svg")
        with open(os.path.join(self.folder, "made", "here", "p.svg"), encoding="utf-8") as file:
            self.assertEqual(file.read(), svg)
        self.assertTrue(self.run_verb("draw", "p.textproto", "--format=dot").stdout.startswith('digraph "levels" {'))
        self.assertIn('"png"', self.run_verb("draw", "p.textproto", "--format=png", code=2).stderr)

    def test_draw_colours_by_a_report(self):
        self.write("report.textproto", REPORT)
        self.assertIn("75.0 % of the work, 3.00 s", self.run_verb("draw", "p.textproto", "--report=report.textproto").stdout)
        self.write("torn.textproto", REPORT + "node {\n nome: 1 }")
        self.assertIn("torn.textproto:6:", self.run_verb("draw", "p.textproto", "--report=torn.textproto", code=2).stderr)
        self.assertIn("nowhere", self.run_verb("draw", "p.textproto", "--report=nowhere", code=2).stderr)

    def test_nodes_prints_the_manual(self):
        done = self.run_verb("nodes", "Resample", "TrialList")
        self.assertIn("Resample (Map", done.stdout)
        self.assertIn("sample_rate: int32", done.stdout)
        self.assertIn("TrialList (Resource)", done.stdout)
        self.assertNotIn("Decode (", done.stdout)
        self.assertIn("Decode (Map", self.run_verb("nodes").stdout)
        self.assertIn("### Resample", self.run_verb("nodes", "Resample", "--format=markdown").stdout)
        self.assertIn('did you mean "Resample"?', self.run_verb("nodes", "Resampel", code=2).stderr)
        self.assertIn("--fromat", self.run_verb("nodes", "--fromat=markdown", code=2).stderr)
        self.assertIn("text or markdown", self.run_verb("nodes", "--format=html", code=2).stderr)

    def test_help_lists_the_verbs_and_the_flags_of_each(self):
        done = self.run_verb("--help")
        for verb in ["run", "check", "draw", "nodes"]:
            self.assertIn("diarflow " + verb, done.stdout)
        self.assertIn('did you mean "check"?', self.run_verb("chek", code=2).stderr)
        draw = self.run_verb("draw", "p.textproto", "--help").stdout
        for flag in ["--format", "--report", "--out", "--threads", "--list", "--set"]:
            self.assertIn(flag, draw)
        self.assertNotIn("--report", self.run_verb("run", "p.textproto", "--help").stdout)


if __name__ == "__main__":
    sys.exit(unittest.main())
