#!/usr/bin/env python3
"""`diarflow diarize` as its users meet it: what can be handed in, what comes out, and what is said about bad input.

Real meetings: the embedded excerpts, whole and in pieces. Files of other kinds than WAV are made with libsndfile; those that
need ffmpeg are tried where it is installed.
"""
import array
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

RUNFILES = os.environ["TEST_SRCDIR"]
sys.path.insert(0, os.path.join(RUNFILES, "diarflow", "cli"))
from sounds_for_tests import EXCERPTS, FLAC, OGG_VORBIS, PCM16, WAV, encode, read_excerpt, read_rttm  # noqa: E402

DIARFLOW = os.path.join(RUNFILES, "diarflow", "cli", "diarflow")
RECORDING = "tst00"


def interleave(left, right):
    both = array.array("h", bytes(4 * len(left)))
    both[0::2], both[1::2] = left, right
    return both


class DiarizeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.samples = read_excerpt(RECORDING)
        cls.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        cls.excerpt = os.path.join(cls.folder, RECORDING + ".wav")
        encode(cls.excerpt, cls.samples)
        done = cls.start([cls.excerpt, "--out=whole", "--srt=true", "--vtt=true", "--labels=true", "--svg=true"])
        assert done.returncode == 0, done.stdout + done.stderr
        cls.whole = read_rttm(os.path.join(cls.folder, "whole", RECORDING + ".rttm"))
        # Ten seconds are enough for most.
        cls.short = cls.samples[: 10 * 16000]

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.here = tempfile.mkdtemp(dir=self.folder)

    @classmethod
    def start(cls, arguments, here=None, environment=None, input_bytes=None, stdin=subprocess.DEVNULL):
        """`input_bytes` come through a pipe, `stdin` is a file."""
        environment = {**os.environ, "BUILD_WORKING_DIRECTORY": here or cls.folder, **(environment or {})}
        source = {"stdin": stdin} if input_bytes is None else {"input": input_bytes}
        done = subprocess.run([DIARFLOW, "diarize"] + arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, check=False, **source)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        return done

    def test_the_fast_preset_fits_pieces_together(self):
        encode(os.path.join(self.here, "a.wav"), self.samples)
        self.diarize("a.wav", "--preset=fast", "--page=false", "--out=whole")
        self.diarize("a.wav", "--preset=fast", "--page=false", "--out=pieces", "--set", "pieces.piece_seconds=10")
        self.assertEqual(read_rttm(os.path.join(self.here, "whole", "a.rttm")), read_rttm(os.path.join(self.here, "pieces", "a.rttm")))

    def test_names_are_without_blanks_and_never_shared(self):
        for folder in ("my rec", "other"):
            os.makedirs(os.path.join(self.here, "in", folder))
            encode(os.path.join(self.here, "in", folder, "one two.wav"), self.short)
        both = array.array("h", [x for x in self.short for _ in range(2)])
        encode(os.path.join(self.here, "in", "call.wav"), both, channels=2)
        encode(os.path.join(self.here, "in", "call_ch0.wav"), self.short)
        # A link that leads to itself is no recording.
        os.symlink("loop.wav", os.path.join(self.here, "in", "loop.wav"))
        self.diarize("in", "--per_channel=true", "--page=false", "--out=out")
        written = sorted(name for name in os.listdir(os.path.join(self.here, "out")) if name.endswith(".rttm"))
        self.assertEqual(len(written), 5, written)
        self.assertTrue(all(" " not in name for name in written), written)

    def test_ctrl_c_leaves_the_beginning_of_a_long_recording(self):
        minutes = array.array("h")
        while len(minutes) < 5 * 60 * 16000:
            minutes.extend(self.samples)
        encode(os.path.join(self.here, "long.wav"), minutes)
        # In pieces of 10 s. How soon the first is done depends on the machine.
        for seconds in (1, 2, 4, 8, 16, 32):
            out = os.path.join(self.here, "after_%d" % seconds)
            command = [DIARFLOW, "diarize", os.path.join(self.here, "long.wav"), "--out=" + out, "--set", "pieces.piece_seconds=10"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
                time.sleep(seconds)
                program.send_signal(signal.SIGINT)
                _, errors = program.communicate()
            if os.path.exists(os.path.join(out, "long.json")):
                break
        self.assertEqual(program.returncode, 1, errors)
        self.assertIn(b"interrupted", errors)
        with open(os.path.join(out, "long.json"), encoding="utf-8") as file:
            written = json.load(file)
        self.assertTrue(written["ended_early"])
        self.assertGreaterEqual(written["duration"], 10)
        self.assertLess(written["duration"], len(minutes) / 16000)
        turns = read_rttm(os.path.join(out, "long.rttm"))
        self.assertEqual(len(turns), len(written["turns"]))
        self.assertTrue(turns)

    def diarize(self, *arguments, code=0, **more):
        done = self.start(list(arguments), here=self.here, **more)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def write(self, name, *arguments, **keywords):
        path = os.path.join(self.here, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        encode(path, *arguments, **keywords)
        return name

    def turns(self, name, out="out"):
        return read_rttm(os.path.join(self.here, out, name + ".rttm"))

    def files(self, out="out", extension=".rttm"):
        return sorted(name for name in os.listdir(os.path.join(self.here, out)) if name.endswith(extension))

    def disagreement(self, turns, others):
        """The share of the time with speech, in frames of 10 ms, in which one has speech and the other has none. (Who speaks is
        close to a coin's toss for one of these four speakers: it depends on the encoder's noise.)"""
        def speech(turns):
            return {frame for start, duration, _ in turns for frame in range(round(100 * start), round(100 * (start + duration)))}

        return len(speech(turns) ^ speech(others)) / len(speech(turns) | speech(others))

    # ---- What comes out ----

    def test_rttm_and_json_agree(self):
        with open(os.path.join(self.folder, "whole", RECORDING + ".json"), encoding="utf-8") as file:
            written = json.load(file)
        self.assertEqual(written["recording"], RECORDING)
        self.assertAlmostEqual(written["duration"], len(self.samples) / 16000, places=4)
        turns = sorted((turn["start"], turn["end"], turn["speaker"]) for turn in written["turns"])
        self.assertEqual(len(turns), len(self.whole))
        for (start, end, speaker), (onset, duration, name) in zip(turns, sorted(self.whole)):
            self.assertEqual(speaker, name)
            self.assertLess(abs(start - onset), .0011)
            self.assertLess(abs(end - onset - duration), .0011)
        self.assertEqual(sorted(speaker["name"] for speaker in written["speakers"]), sorted({turn[2] for turn in self.whole}))
        for speaker in written["speakers"]:
            seconds = sum(duration for _, duration, name in self.whole if name == speaker["name"])
            self.assertLess(abs(seconds - speaker["seconds"]), .001 * len(self.whole))

    def test_subtitles_and_labels_have_every_turn_start(self):
        def read(extension):
            with open(os.path.join(self.folder, "whole", RECORDING + extension), encoding="utf-8") as file:
                return file.read()

        self.assertTrue(read(".vtt").startswith("WEBVTT"))
        self.assertIn("<svg", read(".svg"))
        self.assertRegex(read(".srt"), r"^1\n00:00:\d\d,\d{3} --> 00:00:\d\d,\d{3}\n")
        labels = [line.split("\t") for line in read(".txt").splitlines()]
        self.assertTrue(all(len(line) == 3 and float(line[0]) < float(line[1]) for line in labels))
        for name in {turn[2] for turn in self.whole}:
            for extension in [".srt", ".vtt", ".txt"]:
                self.assertIn(name, read(extension))
        for start, _, _ in self.whole:
            self.assertTrue(any(abs(float(line[0]) - start) < .0011 for line in labels), start)

    def test_out_is_where_it_says(self):
        self.write("a.wav", self.short)
        self.diarize("a.wav")
        self.assertEqual(self.files(os.path.join("diarflow-out", "diarize")), ["a.rttm"])
        self.diarize("a.wav", "--out=deep/er")
        self.assertEqual(self.files("deep/er"), ["a.rttm"])
        self.assertEqual(self.files("deep/er", ".srt"), [])

    def test_num_speakers(self):
        for count in [1, 2]:
            self.diarize(self.excerpt, "--num_speakers=%d" % count, "--out=out%d" % count)
            self.assertEqual(len({turn[2] for turn in self.turns(RECORDING, "out%d" % count)}), count)
        self.assertIn("max_speakers", self.diarize(self.excerpt, "--num_speakers=2", "--max_speakers=3", code=2).stderr)
        self.assertIn("num_speakers", self.diarize(self.excerpt, "--num_speakers=-1", code=2).stderr)

    def test_scores(self):
        done = self.diarize(self.excerpt, "--reference=" + os.path.join(EXCERPTS, "test.rttm"),
                            "--uem=" + os.path.join(EXCERPTS, "test.uem"), "--out=out")
        self.assertIn("DER", done.stdout)
        with open(os.path.join(self.here, "out", "scores.json"), encoding="utf-8") as file:
            self.assertIn(RECORDING, json.dumps(json.load(file)))
        done = self.diarize(self.excerpt, "--uem=" + os.path.join(EXCERPTS, "test.uem"), code=2)
        self.assertIn("no reference", done.stderr)
        with open(os.path.join(self.here, "other.rttm"), "w", encoding="utf-8") as file:
            file.write("SPEAKER other 1 0 1 <NA> <NA> a <NA> <NA>\n")
        self.assertIn("nothing is scored", self.diarize(self.excerpt, "--reference=other.rttm").stdout)
        self.assertIn("nowhere.rttm", self.diarize(self.excerpt, "--reference=nowhere.rttm", code=2).stderr)

    # ---- What can be handed in ----

    def test_formats_give_the_same_turns(self):
        self.write("flac.flac", self.samples, sf_format=FLAC | PCM16)
        self.write("stereo.wav", interleave(self.samples, self.samples), channels=2)
        self.write("vorbis.ogg", self.samples, sf_format=OGG_VORBIS)
        half = array.array("h", [(a + b) // 2 for a, b in zip(self.samples[0::2], self.samples[1::2])])
        self.write("narrow.wav", half, rate=8000)
        self.diarize("flac.flac", "stereo.wav", "vorbis.ogg", "narrow.wav", "--out=out")
        self.assertEqual(self.turns("flac"), self.whole)
        self.assertEqual(self.turns("stereo"), self.whole)
        self.assertLess(self.disagreement(self.turns("vorbis"), self.whole), .1)
        # Half of the band is gone.
        self.assertLess(self.disagreement(self.turns("narrow"), self.whole), .1)

    def test_standard_input(self):
        with open(self.excerpt, "rb") as file:
            self.diarize("-", "--out=file", stdin=file)
            file.seek(0)
            self.diarize("-", "--out=pipe", input_bytes=file.read())
        self.assertEqual(self.turns("stdin", "file"), self.whole)
        self.assertEqual(self.turns("stdin", "pipe"), self.whole)
        self.assertIn("standard input", self.diarize("-", code=3, input_bytes=b"").stderr)
        self.assertIn("standard input: not an audio", self.diarize("-", code=3, input_bytes=b"words").stderr)

    def test_folder_and_names(self):
        # Blanks, accents, the same name twice, other files.
        for name in ["one.wav", "deep/one.wav", "Über uns 2.WAV", "deep/l'été.flac"]:
            self.write("rec/" + name, self.short, sf_format=FLAC | PCM16 if name.endswith("flac") else WAV | PCM16)
        with open(os.path.join(self.here, "rec", "notes.txt"), "w", encoding="utf-8") as file:
            file.write("no recording")
        self.diarize("rec", "--out=out")
        self.assertEqual(self.files(), ["l'été.rttm", "one.rttm", "rec_one.rttm", "Über_uns_2.rttm"])
        self.assertEqual(len({str(self.turns(name[:-5])) for name in self.files()}), 1)
        with open(os.path.join(self.here, "out", "Über_uns_2.rttm"), encoding="utf-8") as file:
            self.assertIn("SPEAKER Über_uns_2 1 ", file.readline())

    def test_per_channel(self):
        # A call: the first half on one side, the second on the other.
        half = len(self.short) // 2
        silence = array.array("h", bytes(2 * half))
        left, right = self.short[:half] + silence, silence + self.short[half:]
        self.write("call.wav", interleave(left, right), channels=2)
        self.write("mono.wav", self.short)
        self.write("left.wav", left)
        self.write("right.wav", right)
        self.diarize("call.wav", "mono.wav", "nowhere.wav", "--per_channel=true", "--out=out", code=3)
        self.diarize("left.wav", "right.wav", "--out=apart")
        self.assertEqual(self.files(), ["call_ch0.rttm", "call_ch1.rttm", "mono.rttm"])
        self.assertEqual(self.turns("call_ch0"), self.turns("left", "apart"))
        self.assertEqual(self.turns("call_ch1"), self.turns("right", "apart"))
        self.diarize("call.wav", "--channel=1", "--out=one")
        self.assertEqual(self.turns("call", "one"), self.turns("right", "apart"))
        with open(os.path.join(self.here, "call.wav"), "rb") as file:
            self.diarize("-", "--per_channel=true", "--out=piped", input_bytes=file.read())
        self.assertEqual(self.files("piped"), ["stdin_ch0.rttm", "stdin_ch1.rttm"])
        self.assertEqual(self.turns("stdin_ch1", "piped"), self.turns("right", "apart"))
        self.assertIn("no channel 1", self.diarize("mono.wav", "--channel=1", code=3).stderr)

    def test_silence_and_very_short_recordings_have_nobody(self):
        self.write("silence.wav", array.array("h", bytes(2 * 48000)))
        self.write("click.wav", array.array("h", [1000, -1000]))
        done = self.diarize("silence.wav", "click.wav", "--out=out")
        for name in ["silence", "click"]:
            self.assertEqual(self.turns(name), [], done.stdout)
            with open(os.path.join(self.here, "out", name + ".json"), encoding="utf-8") as file:
                self.assertEqual(json.load(file)["turns"], [])

    @unittest.skipUnless(shutil.which("ffmpeg"), "ffmpeg is not installed")
    def test_through_ffmpeg(self):
        self.write("a.wav", self.samples)
        for name in ["phone.m4a", "meeting.mkv"]:
            subprocess.run(["ffmpeg", "-loglevel", "error", "-i", "a.wav", name], cwd=self.here, check=True)
        self.diarize("phone.m4a", "meeting.mkv", "--out=out")
        for name in ["phone", "meeting"]:
            self.assertLess(self.disagreement(self.turns(name), self.whole), .1)

    # ---- What goes wrong ----

    def test_one_bad_file_loses_nothing_else(self):
        self.write("good.wav", self.short)
        with open(os.path.join(self.here, "text.wav"), "w", encoding="utf-8") as file:
            file.write("This is no audio.")
        self.write("cut.wav", self.short)
        with open(os.path.join(self.here, "cut.wav"), "r+b") as file:
            file.truncate(5000)
        done = self.diarize("nowhere.wav", "text.wav", "good.wav", "cut.wav", "--out=out", code=3)
        for text in ["nowhere.wav: cannot be opened", "text.wav: not an audio file", "cut.wav: the file was cut"]:
            self.assertIn(text, done.stderr)
        self.assertEqual(self.files(), ["good.rttm"])
        self.assertIn("text.wav", self.diarize("text.wav", code=3).stderr)

    def test_without_ffmpeg_the_message_says_what_to_install(self):
        with open(os.path.join(self.here, "phone.m4a"), "wb") as file:
            file.write(b"\0\0\0\x1cftypM4A " + bytes(100))
        done = self.diarize("phone.m4a", code=3, environment={"PATH": self.here})
        self.assertIn("phone.m4a", done.stderr)
        self.assertIn("apt-get install ffmpeg", done.stderr)

    def test_nothing_to_do(self):
        os.mkdir(os.path.join(self.here, "empty"))
        self.assertIn("no recording in this folder", self.diarize("empty", code=2).stderr)
        self.assertIn("num_speakers", self.diarize("--num_speaker=2", code=2).stderr)


if __name__ == "__main__":
    sys.exit(unittest.main())
