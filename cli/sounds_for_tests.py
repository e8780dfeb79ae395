"""Sounds for the tests of this folder, written and read with libsndfile."""
import array
import ctypes
import os

EXCERPTS = os.path.join(os.environ["TEST_SRCDIR"], "excerpts", "excerpts")
WAV, FLAC, OGG_VORBIS, PCM16 = 0x10000, 0x170000, 0x200060, 2


class Info(ctypes.Structure):
    """SF_INFO."""
    _fields_ = [("frames", ctypes.c_int64)] + [(name, ctypes.c_int) for name in ["rate", "channels", "format", "sections", "seekable"]]


def open_sndfile(path, mode, info):
    sndfile = ctypes.CDLL("libsndfile.so.1")
    sndfile.sf_open.restype = ctypes.c_void_p
    sndfile.sf_read_float.restype = sndfile.sf_write_short.restype = ctypes.c_int64
    file = ctypes.c_void_p(sndfile.sf_open(os.fsencode(path), mode, ctypes.byref(info)))
    assert file, "libsndfile cannot open " + path
    return sndfile, file


def read_excerpt(name):
    info = Info()
    sndfile, file = open_sndfile(os.path.join(EXCERPTS, name + ".wav"), 0x10, info)
    assert (info.rate, info.channels) == (16000, 1)
    data = (ctypes.c_float * info.frames)()
    assert sndfile.sf_read_float(file, data, ctypes.c_int64(info.frames)) == info.frames
    sndfile.sf_close(file)
    return array.array("h", [max(-32768, min(32767, round(32768 * x))) for x in data])


def encode(path, samples, rate=16000, channels=1, sf_format=WAV | PCM16):
    """Writes 16-bit samples."""
    sndfile, file = open_sndfile(path, 0x20, Info(0, rate, channels, sf_format, 0, 0))
    data = (ctypes.c_short * len(samples)).from_buffer(array.array("h", samples))
    assert sndfile.sf_write_short(file, data, ctypes.c_int64(len(samples))) == len(samples)
    sndfile.sf_close(file)


def read_rttm(path, recording=None):
    """Turns as (start, duration, speaker)."""
    with open(path, encoding="utf-8") as file:
        fields = [line.split() for line in file]
    assert all(len(line) == 10 and line[0] == "SPEAKER" for line in fields), path
    return [(float(line[3]), float(line[4]), line[7]) for line in fields if recording in (None, line[1])]
