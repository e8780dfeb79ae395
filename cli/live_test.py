#!/usr/bin/env python3
"""`diarflow diarize --live`: standard input and files, raw samples and WAV, any pace, the same turns."""
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
from sounds_for_tests import encode, read_excerpt, read_rttm  # noqa: E402

DIARFLOW = os.path.join(RUNFILES, "diarflow", "cli", "diarflow")


class LiveTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        cls.samples = read_excerpt("trn03")[: 12 * 16000]
        encode(os.path.join(cls.folder, "a.wav"), cls.samples)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def live(self, *arguments, code=0, data=b""):
        environment = dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder)
        done = subprocess.run([DIARFLOW, "diarize", "--live"] + list(arguments), input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout.decode(), done.stderr.decode()

    def events(self, text):
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def test_every_way_in_gives_the_same_turns(self):
        from_file = self.events(self.live("a.wav", "--format=JSON", "--latency=2", "--out=file")[0])
        self.assertTrue(from_file)
        with open(os.path.join(self.folder, "a.wav"), "rb") as file:
            from_wav = self.events(self.live("--format=JSON", "--latency=2", "--out=wav", data=file.read())[0])
        raw = self.live("--format=JSON", "--latency=2", "--out=raw", "--set", "read.piece_milliseconds=333", data=self.samples.tobytes())[0]
        without_now = lambda events: [{key: value for key, value in event.items() if key != "now"} for event in events]
        self.assertEqual(from_file, from_wav)
        self.assertEqual(without_now(from_file), without_now(self.events(raw)))
        began = time.monotonic()
        heard = self.events(self.live("a.wav", "--format=JSON", "--latency=2", "--out=heard", "--pace=REAL_TIME")[0])
        self.assertGreater(time.monotonic() - began, 11)
        self.assertEqual(heard, from_file)

    def test_turns_are_printed_in_time_and_written(self):
        events = self.events(self.live("a.wav", "--format=JSON", "--latency=3", "--name=meeting", "--out=named")[0])
        for event in events:
            if event["event"] == "start":
                self.assertLessEqual(event["now"], event["start"] + 3.2 + 0.02)
        ended = sorted((event["start"], event["speaker"]) for event in events if event["event"] == "end")
        written = sorted((start, speaker) for start, _, speaker in read_rttm(os.path.join(self.folder, "named", "meeting.rttm"), "meeting"))
        self.assertEqual([speaker for _, speaker in ended], [speaker for _, speaker in written])
        for (start, _), (other, _) in zip(ended, written):
            self.assertAlmostEqual(start, other, delta=0.001)

    def test_any_rate_and_format(self):
        expected = self.events(self.live("a.wav", "--format=JSON", "--latency=2", "--out=file")[0])

        def spoken(events):
            """Who speaks in which hundredths of a second."""
            return {(event["speaker"], time) for event in events if event["event"] == "end" for time in range(round(100 * event["start"]), round(100 * event["end"]))}

        # Every sample three times is 48 kHz; images above 8 kHz go with the resampling.
        tripled = array.array("h", [x for x in self.samples for _ in range(3)])
        encode(os.path.join(self.folder, "fast.wav"), [x for x in tripled for _ in range(2)], rate=48000, channels=2)
        for arguments, data in ((["--rate=48000"], tripled.tobytes()), (["fast.wav"], b"")):
            events = self.events(self.live(*arguments, "--format=JSON", "--latency=2", "--out=fast", data=data)[0])
            # The resampling takes the highest frequencies, and with them moves a pause or two.
            self.assertLess(len(spoken(events) ^ spoken(expected)), 0.12 * len(spoken(expected)))

    def test_ctrl_c_keeps_the_turns_so_far(self):
        # Real time: at the interruption the sound is not over.
        environment = dict(os.environ, BUILD_WORKING_DIRECTORY=self.folder)
        command = [DIARFLOW, "diarize", "--live", "a.wav", "--latency=1", "--pace=REAL_TIME", "--format=JSON", "--out=stopped"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as program:
            # Until a turn is over.
            for line in program.stdout:
                if b'"end"' in line.split(b",")[0]:
                    break
            program.send_signal(signal.SIGINT)
            program.communicate()
        self.assertEqual(program.returncode, 1)
        self.assertTrue(read_rttm(os.path.join(self.folder, "stopped", "live.rttm"), "live"))

    def test_text_is_for_people(self):
        text, _ = self.live("a.wav", "--out=text")
        self.assertIn("speaker1 begins", text)

    def test_bad_input_has_a_sentence(self):
        self.assertIn("nowhere.wav", self.live("nowhere.wav", "--out=x", code=2)[1])
        encode(os.path.join(self.folder, "two.wav"), self.samples, channels=2)
        with open(os.path.join(self.folder, "two.wav"), "rb") as file:
            self.assertIn("one channel of 16 bit", self.live("--out=x", code=1, data=file.read())[1])
        self.assertIn("latency", self.live("a.wav", "--latency=.1", code=2)[1])
        # Nothing at all is a stream without turns.
        self.live("--out=empty")


if __name__ == "__main__":
    sys.exit(unittest.main())
