#!/usr/bin/env python3
"""`diarflow prepare` as a user types it, on a tiny AMI made here and on the build's own corpora.

With --test_env=VOICES=DIR (the folder that holds usr/share/...) on the voices set as well.
"""
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

DIARFLOW = os.path.join(os.environ["TEST_SRCDIR"], "diarflow", "cli", "diarflow")
PAGE = os.path.join(os.environ["TEST_SRCDIR"], "diarflow", "docs", "datasets.md")
CORPORA = ["ami", "council", "excerpts", "librispeech", "voices", "voxceleb1", "voxceleb2", "voxconverse"]


def wav(seconds):
    data = bytes(2 * int(16000 * seconds))
    form = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16)
    return b"RIFF" + struct.pack("<I", 36 + len(data)) + form + b"data" + struct.pack("<I", len(data)) + data


def xml(content):
    return ('<?xml version="1.0" encoding="ISO-8859-1" standalone="yes"?>\n'
            '<nite:root xmlns:nite="http://nite.sourceforge.net/">\n%s</nite:root>\n' % content)


def words(*times, text="café"):
    return xml("".join('<w starttime="%s" endtime="%s">%s</w>\n' % (start, end, text) for start, end in times))


class PrepareTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("latin-1"))

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def manifest(self, name):
        return [json.loads(line) for line in self.read(name).splitlines()]

    def prepare(self, *arguments, code=0, under_bazel=True):
        environment = dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder)
        if not under_bazel:
            del environment["BUILD_WORKING_DIRECTORY"]
        done = subprocess.run([DIARFLOW, "prepare"] + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              encoding="utf-8", env=environment, cwd=None if under_bazel else self.folder, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        if code == 2:
            self.assertEqual(done.stdout, "")
        return done

    def make_ami(self):
        self.write("in/manual/corpusResources/meetings.xml", xml(
            '<meeting observation="ES2002a"><speaker nxt_agent="A" global_name="MÉE006"/>'
            '<speaker nxt_agent="B" global_name="FEE005"/></meeting>\n'
            '<meeting observation="ES2004a"><speaker nxt_agent="A" global_name="MEO015"/></meeting>\n'))
        self.write("in/manual/words/ES2002a.A.words.xml", words((0.25, 0.5), (0.5, 0.75), (1, 1.5)))
        self.write("in/manual/words/ES2002a.B.words.xml", words((0.5, 1), (1.9, 1.8)))
        self.write("in/manual/words/ES2004a.A.words.xml", words((0, 2.5)))
        self.write("in/manual/segments/ES2002a.A.segments.xml",
                   xml('<segment transcriber_start="0.25" transcriber_end="1.5"/>'))
        for name in ["ES2002a.B", "ES2004a.A"]:
            self.write("in/manual/segments/%s.segments.xml" % name, xml(""))
        for meeting in ["ES2002a", "ES2004a"]:
            self.write("in/amicorpus/%s/audio/%s.Mix-Headset.wav" % (meeting, meeting), wav(2.5))

    def test_ami_becomes_manifest_labels_and_regions(self):
        self.make_ami()
        done = self.prepare("ami", "--root=in/", "--out", "made/ami", code=3)
        self.assertEqual(self.read("made/ami/labels.rttm"), (
            "SPEAKER ES2002a 1 0.250 0.500 <NA> <NA> MÉE006 <NA> <NA>\n"
            "SPEAKER ES2002a 1 0.500 0.500 <NA> <NA> FEE005 <NA> <NA>\n"
            "SPEAKER ES2002a 1 1.000 0.500 <NA> <NA> MÉE006 <NA> <NA>\n"
            "SPEAKER ES2004a 1 0.000 2.500 <NA> <NA> MEO015 <NA> <NA>\n"))
        self.assertEqual(self.read("made/ami/regions.uem"), "ES2002a 1 0.000 2.500\nES2004a 1 0.000 2.500\n")
        self.assertEqual(self.manifest("made/ami/train/manifest.jsonl"), [{
            "audio_filepath": os.path.join(self.folder, "in/amicorpus/ES2002a/audio/ES2002a.Mix-Headset.wav"),
            "duration": 2.5, "utterance": "ES2002a", "session": "ES2002a", "split": "train", "num_speakers": 2,
            "rttm_filepath": "labels.rttm", "uem_filepath": "regions.uem"}])
        self.assertEqual(len(self.manifest("made/ami/manifest.jsonl")), 2)
        self.assertEqual(self.read("made/ami/test/labels.rttm").count("\n"), 1)
        rows = [line.split() for line in done.stdout.splitlines()]
        # 2.5 s of audio, 1.25 s of speech with .25 s of overlap.
        self.assertIn(["train", "1", "2", "0.001", "0.000", "0.000", "20.00", "3", "0.500"], rows)
        self.assertIn(["published", "136*", "152*", "80.673*", "75.763*", "66.038*", "13.39*", "66816*"], rows)
        self.assertIn("end before they start, left out: %s/in/manual/words/ES2002a.B.words.xml:4" % self.folder,
                      done.stdout)
        self.assertIn("train 1 / 136, dev 0 / 18, test 1 / 16", done.stderr)
        # Not under `bazel run`, a relative root begins where the program runs; a manifest's paths at the manifest.
        before = self.read("made/ami/manifest.jsonl")
        self.prepare("ami", "--root=./in", "--out", "made/ami", code=3, under_bazel=False)
        self.assertEqual(self.read("made/ami/manifest.jsonl"), before)

    def test_ami_has_other_labels(self):
        self.make_ami()
        self.prepare("ami", "--root=in", "--labels=segments", code=3)
        self.assertEqual(self.read("diarflow-out/ami/labels.rttm"),
                         "SPEAKER ES2002a 1 0.250 1.250 <NA> <NA> MÉE006 <NA> <NA>\n")
        self.assertIn('did you mean "segments"?', self.prepare("ami", "--root=in", "--labels=segment", code=2).stderr)
        self.assertIn("council has no choice of labels", self.prepare("council", "--labels=segments", code=2).stderr)

    def test_what_is_broken_is_named_and_costs_itself(self):
        self.make_ami()
        self.write("in/manual/words/ES2002a.B.words.xml", "<root>\n<w>\n</root>\n")
        os.remove(os.path.join(self.folder, "in/amicorpus/ES2004a/audio/ES2004a.Mix-Headset.wav"))
        done = self.prepare("ami", "--root=in", code=3)
        self.assertEqual(self.manifest("diarflow-out/ami/manifest.jsonl"), [])
        self.assertEqual(self.read("diarflow-out/ami/labels.rttm").split()[1], "ES2004a")
        self.assertIn("in/manual/words/ES2002a.B.words.xml:3: ", done.stderr)
        self.assertIn("(there is no MEETING.Mix-Headset.wav): ES2004a\n", done.stderr)
        self.assertIn("(without audio)", done.stdout)
        os.remove(os.path.join(self.folder, "in/manual/words/ES2004a.A.words.xml"))
        done = self.prepare("ami", "--root=in", "--out=none", code=2)
        self.assertIn("nothing of AMI is there", done.stderr)
        self.assertIn("words/ES2004a.A.words.xml", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "none")))

    def test_the_builds_own_corpora(self):
        done = self.prepare("excerpts")
        self.assertEqual(done.stderr, "")
        entries = self.manifest("diarflow-out/excerpts/manifest.jsonl")
        self.assertEqual(len(entries), 14)
        for entry in entries:
            self.assertTrue(os.path.exists(entry["audio_filepath"]), entry)
        self.assertEqual(len(self.manifest("diarflow-out/excerpts/development/manifest.jsonl")), 2)
        done = self.prepare("council", "--out=c")
        self.assertEqual(done.stderr, "")
        self.assertEqual(sorted(os.listdir(os.path.join(self.folder, "c"))), ["manifest.jsonl", "test"])
        entries = self.manifest("c/manifest.jsonl")
        self.assertEqual((len(entries), len({entry["speaker_id"] for entry in entries})), (73, 9))
        self.assertIn(["test", "73", "9", "0.322"], [line.split() for line in done.stdout.splitlines()])

    def test_single_voices_with_their_words(self):
        for number in [1, 2]:
            self.write("LibriSpeech/dev-clean/84/121/84-121-000%d.wav" % number, wav(1.5))
        self.write("LibriSpeech/dev-clean/84/121/84-121.trans.txt", "84-121-0001 GO ON\n84-121-0002 NO\n")
        self.write("words/84/121/84-121.alignment.txt", '84-121-0001 ",GO,ON," "0.1,0.5,1.25,1.5"\n')
        done = self.prepare("librispeech", "--root=.", "--alignments=words", code=3)
        entry, other = self.manifest("diarflow-out/librispeech/dev-clean/manifest.jsonl")
        self.assertEqual((entry["text"], entry["words"], entry["alignments"]),
                         ("go on", ["", "go", "on", ""], [0.1, 0.5, 1.25, 1.5]))
        self.assertEqual((other["text"], "words" in other, other["speaker_id"], other["session"]),
                         ("no", False, "84", "84-121"))
        self.assertIn("missing: utterances without alignment: ", done.stderr)
        self.assertIn("dev-clean: 2 files are here, 2703 were published", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "diarflow-out/librispeech/labels.rttm")))
        self.assertIn("words2", self.prepare("librispeech", "--root=.", "--alignments=words2", code=2).stderr)
        self.write("vox/id10270/video/00001.wav", wav(4))
        self.prepare("voxceleb1", "--root=vox", code=3)
        self.assertEqual([entry["split"] for entry in self.manifest("diarflow-out/voxceleb1/manifest.jsonl")], ["test"])
        self.prepare("voxceleb2", "--root=vox", code=2)

    def test_voxconverse(self):
        self.write("v/dev/abjxc.rttm", "SPEAKER abjxc 1 0.40 6.64 <NA> <NA> spk00 <NA> <NA>\n")
        self.write("v/audio/abjxc.wav", wav(8))
        self.prepare("voxconverse", "--root=v", code=3)
        self.assertEqual(self.read("diarflow-out/voxconverse/dev/regions.uem"), "abjxc 1 0.000 8.000\n")
        self.assertEqual(self.read("diarflow-out/voxconverse/labels.rttm"),
                         "SPEAKER abjxc 1 0.400 6.640 <NA> <NA> spk00 <NA> <NA>\n")

    def test_without_a_corpus_it_lists_them(self):
        for arguments in [[], ["--help"], ["ami", "--help"]]:
            done = self.prepare(*arguments)
            listed = re.findall(r"^  ([a-z0-9]+)  +\S", done.stdout, re.M)
            self.assertEqual(listed, CORPORA)
            self.assertIn("--root=DIR", done.stdout)
        with open(PAGE, encoding="utf-8") as file:
            page = file.read()
        for corpus in CORPORA:
            self.assertIn("diarflow -- prepare " + corpus, page)

    def test_wrong_arguments_say_what_to_do(self):
        for arguments, message in [
            (["counsil"], 'did you mean "council"?'),
            (["ami"], "ami needs --root=DIR"),
            (["voices"], "bazelw build @voices//:recordings"),
            (["ami", "--root=nowhere"], "nowhere is no folder"),
            (["ami", "--root=."], "ami_public_manual_1.6.2.zip"),
            (["ami", "--rot=x"], 'did you mean "root"?'),
            (["ami", "--root"], "--root needs a value"),
            (["ami", "excerpts"], "takes one corpus"),
            (["--root=x"], "takes one corpus"),
            (["excerpts", "--alignments=x"], "takes none"),
            (["excerpts", "--out=/dev/null/x"], "/dev/null/x"),
        ]:
            self.assertIn(message, self.prepare(*arguments, code=2).stderr)

    @unittest.skipUnless("VOICES" in os.environ, "the voices set is not named")
    def test_voices(self):
        done = self.prepare("voices", "--root=" + os.environ["VOICES"])
        self.assertEqual(done.stderr, "")
        self.assertNotIn("*", done.stdout)
        entries = self.manifest("diarflow-out/voices/manifest.jsonl")
        self.assertEqual(len(entries), 6376)
        self.assertTrue(all(entry["words"] and entry["alignments"] for entry in entries))


if __name__ == "__main__":
    sys.exit(unittest.main())
