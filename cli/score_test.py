#!/usr/bin/env python3
"""`diarflow score` as a user types it: every format, every exit code, and what it says about bad input.

Published RTTMs of AMI's test set are scored, too, where --test_env names them, and must give what pyannote.metrics 4.2 and
md-eval 22 gave: AMI_SETUP, a checkout of BUT's AMI-diarization-setup; with it AMI_FORCED, the turns of a forced alignment
(a file, or a folder), and DIART_OUTPUTS, the folder expected_outputs of diart.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

RUNFILES = os.environ["TEST_SRCDIR"]
DIARFLOW = os.path.join(RUNFILES, "diarflow", "cli", "diarflow")


def turn(uri, start, duration, speaker):
    return "SPEAKER %s 1 %s %s <NA> <NA> %s <NA> <NA>\n" % (uri, start, duration, speaker)


# Of 8 s the last one is missed.
REUNION = turn("réunion", 0, 4, "NA") + turn("réunion", 4, 4, "Zoë")
REUNION_SYSTEM = turn("réunion", 0, 4, "x") + turn("réunion", 4, 3, "nan")
# Of 20 s: missed 8-10 (one of two) and 13-14, false alarm 18-19, confused 10-13.
MEETING = turn("meeting", 0, 10, "A") + turn("meeting", 8, 10, "B")
MEETING_SYSTEM = turn("meeting", 0, 13, "s") + turn("meeting", 14, 5, "t")


class ScoreTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        self.write("ref/deep/1.rttm", REUNION.replace("\n", "\r\n"))
        self.write("ref/2.rttm", MEETING)
        self.write("hyp/all.rttm", MEETING_SYSTEM + REUNION_SYSTEM)
        self.write("uem/1.uem", "réunion 1 0 8\n")
        self.write("uem/2.uem", "meeting 1 0 18\n")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def score(self, *flags, code=0, hypothesis="hyp", reference="ref"):
        command = [DIARFLOW, "score", "--reference=" + reference, "--hypothesis", hypothesis] + list(flags)
        environment = dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder)
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=environment, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        if code == 2:
            self.assertEqual(done.stdout, "")
        return done

    def row(self, text, name):
        return next(line.split() for line in text.splitlines() if line.split()[:1] == [name])

    def test_table(self):
        done = self.score()
        self.assertEqual(self.row(done.stdout, "réunion")[1:], "12.50 12.50 0.00 0.00 12.50 8.00 1.00 0.00 0.00 2 / 2".split())
        self.assertEqual(self.row(done.stdout, "meeting")[1:], "35.00 15.00 5.00 15.00 43.36 20.00 3.00 1.00 3.00 2 / 2".split())
        self.assertEqual(self.row(done.stdout, "all")[2:6], "28.57 14.29 3.57 10.71".split())
        for text in ["95 % interval 12.50 to 35.00", "convention pyannote, no collar", "one speaker says everything", "2 speakers at random"]:
            self.assertIn(text, done.stdout)
        self.assertIn("without --uem", done.stderr)
        self.assertEqual(done.stdout, self.score("--format=table").stdout)

    def test_region_collar_and_convention(self):
        done = self.score("--uem=uem")
        self.assertEqual(done.stderr, "")
        self.assertEqual(self.row(done.stdout, "meeting")[6:10], ["20.00", "3.00", "0.00", "3.00"])
        self.assertIn("what the UEM says", done.stdout)
        # Without a UEM mdeval ends with the reference.
        self.assertEqual(self.row(self.score("--convention=mdeval").stdout, "meeting")[8], "0.00")
        done = self.score("--uem=uem", "--collar", ".25", "--skip_overlap")
        self.assertIn("collar +/- 0.25 s, overlap not scored", done.stdout)
        # 0-8 and 10-18 less a collar at each of 0, 8, 10, 18.
        self.assertEqual(self.row(done.stdout, "meeting")[6:10], ["15.00", "1.00", "0.00", "2.75"])

    def test_json_and_tsv_agree(self):
        report = json.loads(self.score("--format=json").stdout)
        lines = [line.split("\t") for line in self.score("--format=tsv").stdout.splitlines()]
        self.assertEqual(len(lines), 3)
        for line, recording in zip(lines[1:], report["systems"][0]["recordings"]):
            fields = dict(zip(lines[0], line))
            self.assertEqual(fields["recording"], recording["recording"])
            for name in ["der", "jer", "speech_s", "missed_s", "false_alarm_s", "confusion_s"]:
                self.assertAlmostEqual(float(fields[name]), recording[name], places=6)
        names = {r["recording"]: r for r in report["systems"][0]["recordings"]}
        self.assertEqual(names["réunion"]["reference_speakers"], ["NA", "Zoë"])
        self.assertEqual(names["réunion"]["mapping"], ["x", "nan"])
        self.assertEqual(names["meeting"]["confusion_matrix_s"], [[10, 0], [5, 4]])

    def test_two_systems(self):
        self.write("same.rttm", REUNION + MEETING)
        done = self.score("--hypothesis=same.rttm")
        self.assertIn("hyp minus same.rttm: +28.57 % DER, 95 % interval +12.50 to +35.00; the first is better in 0.0 %", done.stdout)
        comparison = json.loads(self.score("--hypothesis=same.rttm", "--format=json").stdout)["comparisons"][0]
        self.assertAlmostEqual(comparison["difference"], 8 / 28)
        self.assertEqual(comparison["recordings"], {"réunion": 0.125, "meeting": 0.35})

    def test_groups(self):
        self.write("groups", "réunion G\nmeeting H\nanother H\n")
        self.assertIn("draws of 2 groups of 2 recordings", self.score("--groups=groups").stdout)
        self.write("groups", "réunion G\nmeeting G\n")
        self.assertIn("no interval", self.score("--groups=groups").stdout)
        self.write("groups", "réunion G\nmeting G\n")
        self.assertIn('"meeting" is in no group; did you mean "meting"?', self.score("--groups=groups", code=2).stderr)
        self.write("groups", "réunion\n")
        self.assertIn("groups:1: ", self.score("--groups=groups", code=2).stderr)

    def test_missing_recordings_are_missed_and_reported(self):
        self.write("part.rttm", REUNION_SYSTEM)
        done = self.score(hypothesis="part.rttm", code=3)
        self.assertIn("part.rttm has nothing of 1 of 2 recordings, all their speech is missed: meeting", done.stderr)
        self.assertEqual(self.row(done.stdout, "meeting")[1:], "100.00 100.00 0.00 0.00 100.00 20.00 20.00 0.00 0.00 2 / missing".split())
        # An empty file in a folder says that nobody speaks.
        self.write("parts/réunion.rttm", REUNION_SYSTEM)
        self.write("parts/meeting.rttm", "")
        self.assertEqual(self.row(self.score(hypothesis="parts").stdout, "meeting")[-3:], ["2", "/", "0"])

    def test_empty_reference(self):
        self.write("empty.rttm", ";; nothing\n")
        self.write("none.rttm", "")
        self.assertIn("nothing to score", self.score(reference="empty.rttm", hypothesis="none.rttm", code=2).stderr)
        self.assertIn("does not know", self.score(reference="empty.rttm", code=2).stderr)
        done = self.score("--uem=uem", reference="empty.rttm")
        self.assertEqual(self.row(done.stdout, "meeting")[1:9], "100.00 - - - - 0.00 0.00 17.00".split())
        self.assertIn("no interval", done.stdout)

    def test_regions_of_other_recordings_are_left_out(self):
        self.write("uem/3.uem", "another 1 0 9\n")
        done = self.score("--uem=uem")
        self.assertIn("only the UEM names another: not scored", done.stderr)
        self.assertNotIn("another", done.stdout)
        self.assertIn("--uem: ", self.score("--uem=uem/4.uem", code=2).stderr)
        self.assertIn('leave out the recording "meeting"', self.score("--uem=uem/1.uem", code=2).stderr)

    def test_bad_input(self):
        self.write("double/1.rttm", MEETING_SYSTEM)
        self.write("double/2.rttm", REUNION_SYSTEM + turn("meeting", 90, 1, "s"))
        done = self.score(hypothesis="double", code=2)
        for text in ["--hypothesis: ", '"meeting"', "double/1.rttm", "double/2.rttm"]:
            self.assertIn(text, done.stderr)
        self.write("unknown.rttm", turn("meetign", 0, 1, "s"))
        self.assertIn('"meetign", which the reference does not know; did you mean "meeting"?', self.score(hypothesis="unknown.rttm", code=2).stderr)
        self.write("torn.rttm", MEETING_SYSTEM + "SPEAKER meeting 1 0 x <NA> <NA> s\n")
        self.assertIn("torn.rttm:3: ", self.score(hypothesis="torn.rttm", code=2).stderr)
        self.assertIn("nowhere.rttm", self.score(hypothesis="nowhere.rttm", code=2).stderr)
        self.assertIn("--reference: ", self.score(reference="nowhere", code=2).stderr)
        os.makedirs(os.path.join(self.folder, "bare"))
        self.assertIn("ends in .rttm", self.score(hypothesis="bare", code=2).stderr)

    def test_page(self):
        self.score("--out=made/here", "--worst=1", "--uem=uem")
        with open(os.path.join(self.folder, "made/here/score.svg"), encoding="utf-8") as file:
            svg = file.read()
        with open(os.path.join(self.folder, "made/here/score.html"), encoding="utf-8") as file:
            html = file.read()
        self.assertIn(svg, html)
        tree = xml.etree.ElementTree.fromstring(svg)
        texts = [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text")]
        self.assertIn("meeting", texts)
        self.assertNotIn("réunion", texts)
        self.assertIn("réunion", html)
        self.assertNotIn("http", html.replace("http://www.w3.org/2000/svg", ""))
        # The marks of the errors are as long as the errors: 1 + 2 s missed, 3 s confused.
        for css_class, seconds in [("missed", 3), ("confusion", 3)]:
            path = next(p.get("d") for p in tree.iter("{http://www.w3.org/2000/svg}path") if p.get("class") == css_class)
            self.assertEqual(sum(float(length) for length in re.findall(r"h([0-9.]+)v", path)), seconds)
        self.write("file", "")
        done = self.score("--out=file", code=1)
        self.assertIn("--out: ", done.stderr)
        self.assertIn("all 2", done.stdout)

    def test_bad_flags(self):
        for flags, message in [
            (["--collar=-1"], '--collar: "-1" is no time'),
            (["--collar=wide"], '--collar: "wide" is no time'),
            (["--convention=md-eval"], 'did you mean "mdeval"?'),
            (["--format=jsn"], 'did you mean "json"?'),
            (["--random_speakers=0"], "from 1 to 1000"),
            (["--worst=many"], "--worst=many: it is a whole number"),
            (["--colar=1"], '--colar; did you mean "collar"?'),
            (["--skip_overlap=perhaps"], "true or false"),
            (["stray.rttm"], 'what is "stray.rttm"?'),
            (["--uem"], "--uem needs a value"),
        ]:
            self.assertIn(message, self.score(*flags, code=2).stderr)
        for command, code, text in [
            (["score"], 2, "--reference is missing"),
            (["score", "--reference=ref"], 2, "--hypothesis is missing"),
            (["scor"], 2, 'did you mean "score"?'),
            (["score", "--help"], 0, "--skip_overlap"),
            (["--help"], 0, "diarflow score"),
        ]:
            done = subprocess.run([DIARFLOW] + command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False)
            self.assertEqual(done.returncode, code, done.stdout)
            self.assertIn(text, done.stdout)

    def test_the_manual_shows_real_output(self):
        labels = os.path.join(RUNFILES, "excerpts", "excerpts")
        with open(os.path.join(RUNFILES, "diarflow", "docs", "scoring.md"), encoding="utf-8") as file:
            manual = [line.strip() for line in file]
        for name in ["train.rttm", "train.uem"]:
            shutil.copy(os.path.join(labels, name), self.folder)
        with open(os.path.join(labels, "train.rttm"), encoding="utf-8") as file:
            turns = [line.split() for line in file]
        late = [[word if i != 3 else "%.3f" % (float(word) + 0.3) for i, word in enumerate(turn)] for turn in turns]
        one = [turn[:7] + ["somebody"] + turn[8:] for turn in turns]
        for name, written in [("late.rttm", late), ("one.rttm", one)]:
            self.write(name, "".join(" ".join(turn) + "\n" for turn in written))
        done = self.score("--uem=train.uem", reference="train.rttm", hypothesis="late.rttm")
        for line in done.stdout.splitlines():
            self.assertIn(line.strip(), manual)
        done = self.score("--uem=train.uem", "--hypothesis=one.rttm", reference="train.rttm", hypothesis="late.rttm")
        self.assertIn(next(line for line in done.stdout.splitlines() if " minus " in line), manual)
        # Every flag has its place in the manual.
        for flag in re.findall(r"^  (--[a-z_]+)", self.score("--help").stdout, re.MULTILINE):
            self.assertIn("`" + flag, "\n".join(manual))

    def test_published_rttms_when_they_are_there(self):
        setup = os.environ.get("AMI_SETUP")
        if not setup:
            self.skipTest("no AMI_SETUP")
        words = os.path.join(setup, "only_words/rttms/test")
        vocal = os.path.join(setup, "word_and_vocalsounds/rttms/test")
        forced = os.environ.get("AMI_FORCED")
        diart = os.environ.get("DIART_OUTPUTS")
        # Reference, hypothesis, flags; seconds of speech, missed, false alarm and confusion; JER.
        rows = [
            (words, vocal, [], "30713.92 0.00 893.72 0.00", "4.65"),
            (words, vocal, ["--collar=.25"], "23629.12 0.00 641.57 0.00", None),
            (words, vocal, ["--collar=.25", "--skip_overlap"], "19449.11 0.00 500.89 0.00", None),
        ]
        if forced:
            rows += [
                (words, forced, [], "30713.92 7174.99 391.60 114.92", "25.05"),
                (words, forced, ["--collar=.25"], "23629.12 5435.92 55.78 30.20", None),
                (words, forced, ["--collar=.25", "--skip_overlap"], "19449.11 3911.95 44.74 8.10", None),
                (forced, words, [], "23930.54 391.60 7174.99 114.92", "25.05"),
                (forced, words, ["--collar=.25"], "13629.80 31.67 1794.60 14.24", None),
            ]
        if diart:
            online = os.path.join(diart, "online/0.5s/AMI.rttm")
            offline = os.path.join(diart, "offline/vbx+overlap_aware_segmentation/AMI.rttm")
            rows += [
                (words, online, [], "30713.92 3148.89 2487.55 4830.46", "45.86"),
                (words, offline, [], "30713.92 3348.26 1334.00 1435.78", "25.53"),
            ]
        for reference, hypothesis, flags, seconds, jer in rows:
            for convention in ["pyannote", "mdeval"]:
                uem = "--uem=" + os.path.join(setup, "uems/test")
                done = self.score(uem, "--convention", convention, *flags, reference=reference, hypothesis=hypothesis)
                row = self.row(done.stdout, "all")
                # The sums of others are not exact: 1794.605 s may be printed either way.
                for ours, published in zip(row[7:], seconds.split()):
                    self.assertAlmostEqual(float(ours), float(published), delta=0.0101, msg=(hypothesis, flags, convention))
                if jer and convention == "pyannote":
                    self.assertEqual(row[6], jer)


if __name__ == "__main__":
    sys.exit(unittest.main())
