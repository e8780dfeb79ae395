#!/usr/bin/env python3
"""The baseline program as a user meets it: what it prints and writes, its exit codes, its cache."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

RUNFILES = os.environ["TEST_SRCDIR"]
PROGRAM = os.path.join(RUNFILES, "diarflow", "experiments", "baseline")
DIARFLOW = os.path.join(RUNFILES, "diarflow", "cli", "diarflow")
PIPELINE = os.path.join(RUNFILES, "diarflow", "experiments", "baseline.textproto")
COUNCIL = os.path.join(RUNFILES, "council", "council")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class BaselineTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        # A small corpus in VoxCeleb's layout: a recording each of 4 speakers in 2 sessions, of which the list names two
        # pieces of 1 s.
        cls.audio = os.path.join(cls.folder, "vox1_test", "wav")
        utterances = []
        for speaker in sorted(os.listdir(COUNCIL))[:4]:
            for session in sorted(os.listdir(os.path.join(COUNCIL, speaker)))[:2]:
                names = sorted(os.listdir(os.path.join(COUNCIL, speaker, session)))
                longest = max(names, key=lambda name: os.path.getsize(os.path.join(COUNCIL, speaker, session, name)))
                target = os.path.join(cls.audio, speaker, session, longest)
                os.makedirs(os.path.dirname(target))
                shutil.copyfile(os.path.join(COUNCIL, speaker, session, longest), target)
                utterances += ["%s/%s/%s#t=%d,%d" % (speaker, session, longest, t, t + 1) for t in range(2)]
        cls.utterances = utterances
        cls.trials = os.path.join(cls.folder, "veri_test2.txt")
        with open(cls.trials, "w", encoding="utf-8") as file:
            for i, a in enumerate(utterances):
                for b in utterances[i + 1 :]:
                    file.write("%d %s %s\n" % (a.split("/")[0] == b.split("/")[0], a, b))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def run_program(self, *flags, program=(PROGRAM,), corpus=True, code=0):
        command = list(program) + list(flags)
        if corpus:
            command += ["--voxceleb", os.path.join(self.folder, "vox1_test")]
        if not any("--cache" in flag for flag in flags) and corpus:
            command.append("--cache=")
        environment = dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder, HOME=self.folder)
        environment.pop("MIMI_CHECKPOINT", None)
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_prints_the_table_and_writes_the_folder(self):
        done = self.run_program("--out=first")
        lines = done.stdout.splitlines()
        self.assertIn("small_mimi.safetensors", lines[0])
        for row in ["Pairs", "Positive pairs", "Score range", "Mean positive", "Mean negative", "Verdict", "minDCF(0.01)", "minDCF(0.05)", "EER (%)"]:
            self.assertTrue(any(line.strip().startswith(row) for line in lines), row + " is missing in:\n" + done.stdout)
        self.assertRegex(done.stdout, r"\nEER +\d+\.\d\d %")
        # A row for each encoder and the floor.
        for row in [r"Mimi, 16 filters, .*weights small_mimi\.safetensors.*", r"CAM\+\+, weights campplus_cn_en_common\.pt", "floor: log mel.*"]:
            self.assertRegex(done.stdout, r"\n +\d+\.\d\d .* " + row + r"\n")
        self.assertRegex(done.stdout, r"real-time factor \d")
        # Relative to where the user typed the command.
        folder = os.path.join(self.folder, "first")
        self.assertEqual(sorted(os.listdir(folder)), ["pipeline.svg", "pipeline.textproto", "report.textproto", "scores.svg", "scores.tsv"])
        self.assertIn("<svg", read(os.path.join(folder, "scores.svg")))
        rows = read(os.path.join(folder, "scores.tsv")).splitlines()
        self.assertEqual(len(rows), 1 + len(self.utterances) * (len(self.utterances) - 1) // 2)
        report = read(os.path.join(folder, "report.textproto"))
        self.assertIn("ScoreReport", report)
        # The written pipeline is the run: it gives the same scores without the flags.
        again = self.run_program("run", os.path.join(folder, "pipeline.textproto"), "--out=again", program=(DIARFLOW,), corpus=False)
        self.assertEqual(again.stdout.splitlines()[0], lines[0])
        self.assertEqual(read(os.path.join(self.folder, "again", "scores.tsv")), read(os.path.join(folder, "scores.tsv")))

    def test_encoders_chooses_the_rows(self):
        done = self.run_program("--out=chosen", "--encoders=campplus")
        self.assertIn("CAM++", done.stdout.splitlines()[0])
        # The verdict is on Mimi.
        for absent in ["Mimi", "Verdict"]:
            self.assertNotIn(absent, done.stdout)
        for flag, message in [("--encoders=campplu", 'did you mean "campplus"?'), ("--encoders=", "no system is connected")]:
            self.assertIn(message, self.run_program(flag, code=2).stderr)

    def test_every_encoder_has_a_row(self):
        done = self.run_program("--out=all", "--encoders=mimi,campplus,titanet")
        for row in [r"Mimi, 16 filters, .*weights small_mimi\.safetensors.*", r"CAM\+\+, weights .*", r"untrained TitaNet-large \(seed 1\)", "floor: log mel.*"]:
            self.assertRegex(done.stdout, r"\n +\d+\.\d\d .* " + row + r"\n")
        self.assertIn("score\tsystem_2\tsystem_3\tfloor", read(os.path.join(self.folder, "all", "scores.tsv")).splitlines()[0])
        self.assertIn("nowhere.nemo", self.run_program("--encoders=titanet", "--titanet_weights=/nowhere.nemo", code=2).stderr)

    def test_scores_do_not_depend_on_threads_or_tokens(self):
        refused = self.run_program("--threads=1", "--set=run.max_in_flight=1", code=2)
        least = re.search(r"need at least (\d+)", refused.stderr).group(1)
        self.run_program("--out=one", "--threads=1", "--set=run.max_in_flight=" + least)
        scores = read(os.path.join(self.folder, "one", "scores.tsv"))
        self.assertRegex(scores.splitlines()[1], r"\t-?0\.\d{8,}")
        for threads in ["2", "5"]:
            self.run_program("--out=many", "--threads=" + threads, "--set=run.max_in_flight=100")
            self.assertEqual(read(os.path.join(self.folder, "many", "scores.tsv")), scores)

    def test_a_second_run_answers_from_the_cache(self):
        self.run_program("--out=cold", "--cache=latents")
        warm = self.run_program("--out=warm", "--cache=latents")
        self.assertRegex(warm.stdout, r"\nencode .*\(100% cached\)")
        self.assertEqual(read(os.path.join(self.folder, "cold", "scores.tsv")), read(os.path.join(self.folder, "warm", "scores.tsv")))
        # Other weights, another tap: nothing of it may be used.
        for change in ['mimi.weights=""', "encode.tap=TRANSFORMER"]:
            changed = self.run_program("--out=changed", "--cache=latents", "--set", change)
            self.assertNotRegex(changed.stdout, r"\nencode .*cached")
        # A run that was killed: half of the entries are there.
        entries = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(self.folder, "latents")) for name in names]
        for entry in sorted(entries)[::2]:
            os.remove(entry)
        resumed = self.run_program("--out=resumed", "--cache=latents")
        self.assertRegex(resumed.stdout, r"\nencode .*\([1-9]\d?% cached\)")

    def test_an_unreadable_file_costs_only_its_own_trials(self):
        broken = os.path.join(self.audio, self.utterances[0].split("#")[0])
        with open(broken, "rb") as file:
            whole = file.read()
        try:
            with open(broken, "wb") as file:
                file.write(b"not audio")
            done = self.run_program("--out=broken", code=3)
        finally:
            with open(broken, "wb") as file:
                file.write(whole)
        self.assertIn(self.utterances[0], done.stderr)
        self.assertIn(broken, done.stderr)
        n = len(self.utterances)
        scored = (n - 2) * (n - 3) // 2
        self.assertRegex(done.stdout, r"Pairs +%d\n" % scored)
        self.assertRegex(done.stdout, r"Left out +%d pairs of 2 utterances" % (n * (n - 1) // 2 - scored))
        self.assertEqual(len(read(os.path.join(self.folder, "broken", "failures.tsv")).splitlines()), 3)

    def test_mistakes_in_a_pipeline_are_named_with_line_and_near_name(self):
        text = read(PIPELINE)
        for wrong, right, message in [
            ('type: "MimiEncod"', 'type: "MimiEncode"', 'did you mean "MimiEncode"?'),
            ('resource: "MODL:mimi"', 'resource: "MODEL:mimi"', 'did you mean "MODEL"?'),
            ('input: "decodde"', 'input: "decoded"', 'did you mean "decoded"?'),
            ("sample_rat: 24000", "sample_rate: 24000", 'did you mean "sample_rate"?'),
            ("[diarflow/Resampel] { sample_rate: 24000", "[diarflow/Resample] { sample_rate: 24000", 'did you mean "Resample"?'),
        ]:
            self.assertIn(right, text)
            path = os.path.join(self.folder, "wrong.textproto")
            changed = text.replace(right, wrong, 1)
            with open(path, "w", encoding="utf-8") as file:
                file.write(changed)
            line = changed[: changed.index(wrong)].count("\n") + 1
            done = self.run_program("run", path, program=(DIARFLOW,), corpus=False, code=2)
            self.assertIn("wrong.textproto:%d:" % line, done.stderr)
            self.assertIn(message, done.stderr)

    def test_a_trace_is_json(self):
        self.run_program("--out=traced", "--trace")
        events = json.loads(read(os.path.join(self.folder, "traced", "trace.json")))["traceEvents"]
        names = {event["name"] for event in events if event["ph"] == "X"}
        self.assertLessEqual({"read", "decode", "resample", "encode", "pool", "score"}, names)

    def test_an_interrupted_run_leaves_a_report_and_a_whole_cache(self):
        cache = os.path.join(self.folder, "interrupted_cache")
        # The released size takes long enough to be interrupted.
        command = [PROGRAM, "--out=interrupted", "--cache=" + cache, "--set=mimi.weights=\"\"", "--set=mimi.config.n_filters=64", "--threads=1"]
        environment = dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder, HOME=self.folder)
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        deadline = time.time() + 60
        while not (os.path.isdir(cache) and os.listdir(cache)):
            self.assertLess(time.time(), deadline)
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        time.sleep(0.2)
        run.send_signal(signal.SIGINT)
        printed, errors = run.communicate()
        # What it has seen is no result.
        self.assertNotIn("EER", printed)
        self.assertEqual(run.returncode, 1, errors)
        self.assertRegex(errors, r"interrupted after \d+ of 351 items")
        report = read(os.path.join(self.folder, "interrupted", "report.textproto"))
        self.assertIn("outcome: RUN_FAILED", report)
        self.assertLess(int(re.search(r"items: (\d+)", report).group(1)), 351)
        for folder, _, names in os.walk(cache):
            for name in names:
                self.assertTrue(name.endswith(".frames"), name)

    def test_bad_flags_never_start_a_run(self):
        for flags, message in [
            (["--mimi_weigths=x"], 'did you mean "mimi_weights"?'),
            (["--set=encode.tab=LATENT"], 'did you mean "tap"?'),
            (["--mimi_weights=/nowhere/mimi.safetensors"], "/nowhere/mimi.safetensors"),
            (["--trials=/nowhere/list.txt"], "/nowhere/list.txt"),
            (["positional"], "is no flag"),
            (["--threads=abc"], "--threads=abc"),
            (["--out"], "--out needs a value"),
        ]:
            self.assertIn(message, self.run_program(*flags, code=2).stderr)

    def test_help_lists_the_flags_of_the_pipeline(self):
        done = self.run_program("--help", corpus=False)
        for flag in ["--mimi_weights", "--voxceleb", "--trials", "--cache", "--out", "--threads", "--set", "MIMI_CHECKPOINT"]:
            self.assertIn(flag, done.stdout)


if __name__ == "__main__":
    sys.exit(unittest.main())
