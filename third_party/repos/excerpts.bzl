"""Excerpts of real meetings: 14 clips of 30 s out of the AMI corpus with who speaks when, 16 kHz mono, 27 speakers.

They are test data inside the source distribution of pyannote-audio, in three parts: tune on train only.

    excerpts/trn00.wav to trn09.wav, dev00.wav, dev01.wav, tst00.wav, tst01.wav    @excerpts//:recordings
    excerpts/{train,development,test}.{rttm,uem,lst}                                @excerpts//:labels
    sample/sample.wav, sample/sample.rttm                                           @excerpts//:sample
    LICENSE                                                                         @excerpts//:licenses

The sample is a telephone call of two people, 30 s.

Each recording is a target of its own as well, "@excerpts//:excerpts/dev00.wav". One recording's name has an accent in
the archive, in its list too but not in the labels: here none has. The labels' speakers stay as they are.
"""

load(":pip.bzl", "pip_download_source", "run")

_REQUIREMENT = "pyannote-audio==4.0.7"
_SHA256 = "3a903dfb5ca711d134cc2522561c9158b186836f5d62e8a57c46c6648e8a8229"
_RECORDINGS = 14

_UNPACK = """
import os, sys, tarfile, unicodedata
plain = lambda text: unicodedata.normalize('NFKD', text).encode('ascii', 'ignore').decode()
os.makedirs('excerpts')
os.makedirs('sample')
recordings = 0
with tarfile.open(sys.argv[1], encoding='utf-8') as archive:
    for member in archive:
        folder, name = os.path.split(member.name.partition('/')[2])
        if not member.isfile():
            continue
        data = archive.extractfile(member).read()
        if (folder, name) == ('', 'LICENSE'):
            target = name
        elif folder == 'src/pyannote/audio/sample' and name in ('sample.wav', 'sample.rttm'):
            target = 'sample/' + name
        elif folder == 'tests/data' and name.endswith('.wav') and name != 'empty.wav':
            target = 'excerpts/' + plain(name)
            recordings += 1
        elif folder == 'tests/data' and name.startswith('debug.'):
            target = 'excerpts/' + name[len('debug.'):]
            if name.endswith('.lst'):
                data = plain(data.decode()).encode()
        else:
            continue
        with open(target, 'wb') as out:
            out.write(data)
print(recordings)
"""

def _impl(ctx):
    archive = pip_download_source(ctx, _REQUIREMENT, _SHA256)
    count = run(ctx, ["python3", "-c", _UNPACK, archive], "unpacking " + archive).strip()
    if count != str(_RECORDINGS):
        fail("%s holds %s recordings, expected %d" % (archive, count, _RECORDINGS))
    ctx.delete(archive)
    ctx.file("BUILD.bazel", """
package(default_visibility = ["//visibility:public"])

exports_files(glob(["excerpts/**", "sample/**"]))

filegroup(
    name = "sample",
    srcs = glob(["sample/*"]),
)

filegroup(
    name = "recordings",
    srcs = glob(["excerpts/*.wav"]),
)

filegroup(
    name = "labels",
    srcs = glob(["excerpts/*"], exclude = ["excerpts/*.wav"]),
)

filegroup(
    name = "licenses",
    srcs = ["LICENSE"],
)
""", executable = False)

excerpts_repository = repository_rule(implementation = _impl)
