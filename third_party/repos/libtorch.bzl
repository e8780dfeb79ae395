"""LibTorch from the wheel that pip offers, or from the tree that LIBTORCH_HOME names.

pip offers one of two wheels of the pinned release, and either serves CPU builds: the CPU wheel where an index
of such wheels is configured, else the plain one, built for CUDA. Of the plain wheel only the CPU libraries are
unpacked, and the two small CUDA libraries that they name come from wheels of their own.
For a GPU: LIBTORCH_HOME=<the torch folder of an installed CUDA build>, of a wheel (the libraries of CUDA then stand in
wheels of their own beside it) or of the archive that PyTorch offers for C++. docs/gpu.md tells how to get one.
"""

load(":pip.bzl", "pip_download", "run")

_REQUIREMENT = "torch==2.13.0"
_CPU_WHEEL = "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl"
_PLAIN_WHEEL = "torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl"
_SHA256 = {
    _CPU_WHEEL: "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b",
    _PLAIN_WHEEL: "60fcdcb2f3876e21146cb4524ef06397d727ca9ad5f020818547e25075fe3cb7",
}
_CUDA_WHEELS = {
    "nvidia-cuda-runtime==13.0.96": "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
    "nvidia-cuda-cupti==13.0.85": "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
}

_BUILD = """
package(default_visibility = ["//visibility:public"])

# Directories, not a glob of 9000 files: a sandbox then links a handful of names.
cc_library(
    name = "headers",
    textual_hdrs = %s,
    includes = ["torch/include", "torch/include/torch/csrc/api/include"],
    # On the command line of every compile: Bazel does not track the content of directories, so this is what
    # makes a new wheel recompile its users.
    defines = ["LIBTORCH_ID_%s"],
)

cc_library(
    name = "torch",
    # Never libtorch.so of the plain wheel: it wants the CUDA libraries, which are not unpacked.
    srcs = glob([
        "torch/lib/libc10.so",
        "torch/lib/libtorch_cpu.so",
        "torch/lib/libgomp*.so*",
        "torch/lib/libc10_cuda.so",
        "torch/lib/libtorch_cuda*.so",
        "torch/lib/libtorch_nvshmem.so",
    ] + ["torch/lib/lib%%s%%s.so*" %% (name, end) for name in %s for end in ["", "-*", "_*"]], exclude = [
        # For network cards, with libraries of theirs; and a second form of what is there.
        "torch/lib/libcufile_*",
        "torch/lib/libnvrtc-builtins.alt*",
    ]),
    linkopts = ["-lpthread", "-ldl", "-lm"] + %s,
    deps = [":headers"],
)
"""

# What LibTorch's CUDA libraries load, by their names or at run time. All of them are linked: at run time only the
# folder of what is linked is looked into. libcuda is the driver's, found only where there is one.
_CUDA_LIBRARIES = [
    "cublas",
    "cublasLt",
    "cudart",
    "cudnn",
    "cufft",
    "cufile",
    "cupti",
    "curand",
    "cusolver",
    "cusparse",
    "cusparseLt",
    "nccl",
    "nvJitLink",
    "nvrtc",
    "nvshmem_host",
]

# Nothing here names a symbol of theirs: they register what they can when they are loaded.
_CUDA_LINKOPTS = ["-Wl,--push-state,--no-as-needed,-lc10_cuda,-ltorch_cuda,--pop-state"]

# Unpacks from a wheel (argv[1]) what an argument of the form PREFIX or PREFIX=DIRECTORY names.
_UNPACK = """
import os, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
for entry in archive.infolist():
    if entry.is_dir():
        continue
    for rule in sys.argv[2:]:
        prefix, _, directory = rule.partition('=')
        if entry.filename.startswith(prefix):
            target = os.path.join(directory, os.path.basename(entry.filename)) if directory else entry.filename
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(entry) as source, open(target, 'wb') as out:
                while True:
                    block = source.read(1 << 20)
                    if not block:
                        break
                    out.write(block)
"""

def _unpack(ctx, wheel, rules):
    ctx.report_progress("unpacking " + wheel)
    run(ctx, ["python3", "-c", _UNPACK, wheel] + rules, "unpacking " + wheel)
    ctx.delete(wheel)

def _from_home(ctx, home):
    for part in ["include", "lib"]:
        if not ctx.path(home + "/" + part).exists:
            fail("LIBTORCH_HOME=%s has no %s/: name the folder that holds include/ and lib/ of LibTorch" % (home, part))
    run(ctx, ["mkdir", "-p", "torch"], "mkdir")

    # Real trees of links, so that include/google can be left out.
    run(ctx, ["cp", "-rs", home + "/include", "torch/include"], "linking the headers")
    run(ctx, ["cp", "-rs", home + "/lib", "torch/lib"], "linking the libraries")

    # A wheel's libraries of CUDA, in folders beside it.
    wheels = ctx.path(home + "/../nvidia")
    if wheels.exists:
        for wheel in wheels.readdir():
            folder = wheel.get_child("lib")
            for library in folder.readdir() if folder.exists else []:
                if ".so" in library.basename and not ctx.path("torch/lib/" + library.basename).exists:
                    ctx.symlink(library, "torch/lib/" + library.basename)
    return "HOME_" + run(ctx, ["sh", "-c", "(echo $0; ls -lL $0/lib/libtorch_cpu.so) | sha256sum", home], "stamp")[:12]

def _from_wheel(ctx):
    wheel = pip_download(ctx, _REQUIREMENT, _SHA256)
    libraries = ["torch/lib/libc10.so", "torch/lib/libtorch_cpu.so", "torch/lib/libgomp"]
    _unpack(ctx, wheel, ["torch/include/"] + libraries)
    if wheel == _PLAIN_WHEEL:
        for requirement, sha256 in _CUDA_WHEELS.items():
            cuda_wheel = pip_download(ctx, requirement, sha256)
            _unpack(ctx, cuda_wheel, ["nvidia/cu13/lib/%s=torch/lib" % n for n in ["libcudart.so.13", "libcupti.so.13"]])
    return _SHA256[wheel][:12]

def _impl(ctx):
    home = ctx.os.environ.get("LIBTORCH_HOME", "")
    stamp = _from_home(ctx, home) if home else _from_wheel(ctx)

    # Another Protobuf's headers: they would hide the system's.
    ctx.delete("torch/include/google")
    headers = sorted(["torch/include/" + p.basename for p in ctx.path("torch/include").readdir()])
    linkopts = _CUDA_LINKOPTS if ctx.path("torch/lib/libtorch_cuda.so").exists else []
    build = _BUILD % (repr(headers), stamp, repr(_CUDA_LIBRARIES), repr(linkopts))
    ctx.file("BUILD.bazel", build, executable = False)

libtorch_repository = repository_rule(
    implementation = _impl,
    environ = ["LIBTORCH_HOME"],
)
