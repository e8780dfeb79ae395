"""The voices set: 46 speakers in about 25 languages who say words, letters and prompts, 2 hours, from six packages.

    voices/usr/share/...                     @voices//:recordings    6,843 files: Ogg Vorbis, WAV, raw GSM
    voices/usr/share/doc/PACKAGE/copyright   @voices//:licenses

Folders are not speakers: who speaks where, and which files are no speech, says datasets/voices/voices.csv. A target that
does not need the set does not fetch it (101 MB).
"""

load(":apt.bzl", "apt_extract")
load(":pip.bzl", "run")

# Package: (version, sha256).
_PACKAGES = {
    "asterisk-prompt-es-co": ("0.20070403-2.1", "6702696e045514699e87dc8fb70f370717e5df91f821f7bec8dd0df1be008e83"),
    "asterisk-prompt-fr-armelle": ("20070613-2.2", "162570b1a9b3512a98f06b89f60c7c17cf1b9b52297315adca9a4e5be728bea3"),
    "gcin-voice": ("0~20170223-3", "6a0353f0294d06f7bd901bada3d5d9eec63b66c2ec029f92da3124d93d45de70"),
    "kajongg": ("4:22.12.3-1", "be0a9cc0f9a97064ffa0ab01133f55e021c7c58f9869857431bf1ca951dadbaf"),
    "klettres-data": ("4:22.12.3-1", "1186d257a19e84230856baea0b0b1ded8be9195080fcdb2588970b5cd937f5a8"),
    "ktuberling-data": ("4:22.12.3-1", "fba44c875bfa31ea488dadd9263e87a4dcaea0bd47d28817f6c0dc6d2af970ed"),
}

# Besides recordings: programs, pictures, translations, manuals, folders named by links.
_KEEP = r"^voices/usr/share/((klettres|ktuberling|kajongg|gcin-voice|asterisk)/.*\.(ogg|wav|gsm)|doc/[^/]*/copyright)$"
_RECORDINGS = 6843

_PRUNE = """
import os, re, sys
kept = 0
for folder, _, names in os.walk('voices', topdown=False):
    for name in names:
        path = os.path.join(folder, name)
        if os.path.islink(path) or not re.match(sys.argv[1], path):
            os.remove(path)
        else:
            kept += not path.endswith('/copyright')
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.islink(path):
            os.remove(path)
    if not os.listdir(folder):
        os.rmdir(folder)
print(kept)
"""

def _impl(ctx):
    for package, (version, sha256) in _PACKAGES.items():
        apt_extract(ctx, package, version, sha256, "voices")
    ctx.delete("apt-lists")
    count = run(ctx, ["python3", "-c", _PRUNE, _KEEP], "keeping the recordings").strip()
    if count != str(_RECORDINGS):
        fail("the packages hold %s recordings, expected %d" % (count, _RECORDINGS))
    ctx.file("BUILD.bazel", """
package(default_visibility = ["//visibility:public"])

filegroup(
    name = "recordings",
    srcs = glob(["voices/**"], exclude = ["voices/usr/share/doc/**"]),
)

filegroup(
    name = "licenses",
    srcs = glob(["voices/usr/share/doc/**"]),
)
""", executable = False)

voices_repository = repository_rule(implementation = _impl)
