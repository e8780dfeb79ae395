"""Debian -dev packages as cc_library targets; fails with the apt line when one is missing."""

_ABSL_BASE = ["base", "spinlock_wait", "int128", "throw_delegate", "raw_logging_internal", "log_severity"]
_ABSL_STRINGS = ["str_format_internal", "strings", "strings_internal"] + _ABSL_BASE
_ABSL_SYNC = ["synchronization", "graphcycles_internal", "stacktrace", "symbolize", "debugging_internal", "demangle_internal", "malloc_internal", "time", "civil_time", "time_zone"]
_ABSL_HASH = ["raw_hash_set", "hashtablez_sampler", "exponential_biased", "hash", "city", "low_level_hash", "bad_variant_access", "bad_optional_access"]
_ABSL_CORD = ["cord", "cordz_info", "cord_internal", "cordz_functions", "cordz_handle", "exponential_biased"]
_ABSL_STATUS = ["status", "strerror"] + _ABSL_CORD + _ABSL_SYNC + ["bad_optional_access"] + _ABSL_STRINGS
_ABSL_FLAGS = ["flags_parse", "flags_usage", "flags_usage_internal", "flags_internal", "flags_marshalling", "flags_reflection", "flags_private_handle_accessor", "flags_commandlineflag", "flags_commandlineflag_internal", "flags_config", "flags_program_name"]

def _absl(names):
    # as-needed: a binary then names only those it uses
    return ["-Wl,--push-state,--as-needed"] + ["-labsl_" + n for n in names] + ["-Wl,--pop-state"]

# name: (Debian package, header that must be there, library file that must be there, linkopts)
LIBS = {
    "absl_flags": ("libabsl-dev", "absl/flags/flag.h", "libabsl_flags_parse.so", _absl(_ABSL_FLAGS + _ABSL_HASH + _ABSL_CORD + _ABSL_SYNC + _ABSL_STRINGS)),
    "absl_flat_hash_map": ("libabsl-dev", "absl/container/flat_hash_map.h", "libabsl_raw_hash_set.so", _absl(_ABSL_HASH + _ABSL_CORD + _ABSL_SYNC + _ABSL_STRINGS)),
    "absl_status": ("libabsl-dev", "absl/status/status.h", "libabsl_status.so", _absl(_ABSL_STATUS)),
    "absl_statusor": ("libabsl-dev", "absl/status/statusor.h", "libabsl_statusor.so", _absl(["statusor", "bad_variant_access"] + _ABSL_STATUS)),
    "absl_strings": ("libabsl-dev", "absl/strings/str_cat.h", "libabsl_strings.so", _absl(_ABSL_STRINGS)),
    "absl_time": ("libabsl-dev", "absl/time/time.h", "libabsl_time.so", _absl(_ABSL_SYNC + _ABSL_STRINGS)),
    "benchmark": ("libbenchmark-dev", "benchmark/benchmark.h", "libbenchmark.so", ["-lbenchmark", "-lpthread"]),
    "benchmark_main": ("libbenchmark-dev", "benchmark/benchmark.h", "libbenchmark_main.a", ["-lbenchmark_main", "-lbenchmark", "-lpthread"]),
    "crypto": ("libssl-dev", "openssl/evp.h", "libcrypto.so", ["-lcrypto"]),
    "gmock": ("libgmock-dev", "gmock/gmock.h", "libgmock.a", ["-lgmock", "-lgtest", "-lpthread"]),
    "gmock_main": ("libgmock-dev", "gmock/gmock.h", "libgmock_main.a", ["-lgmock_main", "-lgmock", "-lgtest", "-lpthread"]),
    "gtest": ("libgtest-dev", "gtest/gtest.h", "libgtest.a", ["-lgtest", "-lpthread"]),
    "gtest_main": ("libgtest-dev", "gtest/gtest.h", "libgtest_main.a", ["-lgtest_main", "-lgtest", "-lpthread"]),
    "json": ("nlohmann-json3-dev", "nlohmann/json.hpp", "", []),
    "pugixml": ("libpugixml-dev", "pugixml.hpp", "libpugixml.so", ["-lpugixml"]),
    "re2": ("libre2-dev", "re2/re2.h", "libre2.so", ["-lre2", "-lpthread"]),
    "sndfile": ("libsndfile1-dev", "sndfile.h", "libsndfile.so", ["-lsndfile"]),
    "soxr": ("libsoxr-dev", "soxr.h", "libsoxr.so", ["-lsoxr"]),
    "tbb": ("libtbb-dev", "tbb/tbb.h", "libtbb.so", ["-ltbb"]),
    "zlib": ("zlib1g-dev", "zlib.h", "libz.so", ["-lz"]),
}

def _multiarch(ctx):
    r = ctx.execute(["gcc", "-print-multiarch"])
    if r.return_code != 0:
        fail("no gcc here; run: apt-get install -y build-essential")
    return r.stdout.strip()

def _stamp(ctx, package):
    """A macro naming the installed version: /usr/include is not an input of any action,
    so this on the command line is what recompiles the users after an apt upgrade."""
    r = ctx.execute(["dpkg-query", "-W", "-f=${Version}", package])
    version = r.stdout if r.return_code == 0 else "unknown"
    out = ""
    for c in ("DEB_" + package + "_" + version).elems():
        out += c if c.isalnum() else "_"
    return out

def _find(ctx, dirs, name):
    for d in dirs:
        if ctx.path(d + "/" + name).exists:
            return True
    return False

def _check(ctx, wanted):
    """wanted: list of (package, header, library). Fails naming every missing package at once."""
    tuple = _multiarch(ctx)
    inc = ["/usr/include", "/usr/include/" + tuple, "/usr/local/include"]
    lib = ["/usr/lib/" + tuple, "/usr/lib", "/usr/local/lib"]
    missing = {}
    for (package, header, library) in wanted:
        if header and not _find(ctx, inc, header):
            missing.setdefault(package, []).append(header)
        if library and not _find(ctx, lib, library):
            missing.setdefault(package, []).append(library)
    if missing:
        lines = ["  %s (no %s)" % (p, ", ".join(f)) for p, f in missing.items()]
        fail("\n\nMissing Debian packages:\n%s\nInstall them with:\n  apt-get install -y %s\nor run ./bazelw, which does so.\n" % ("\n".join(lines), " ".join(missing.keys())))

def _system_libs_impl(ctx):
    libs = dict(LIBS)
    for name, spec in ctx.attr.extra.items():
        libs[name] = (spec[0], spec[1], spec[2], spec[3:])
    _check(ctx, [(v[0], v[1], v[2]) for v in libs.values()])
    out = ['package(default_visibility = ["//visibility:public"])', ""]
    for name in sorted(libs.keys()):
        package, _, _, linkopts = libs[name]
        out += [
            "cc_library(",
            '    name = "%s",' % name,
            "    defines = [%s]," % repr(_stamp(ctx, package)),
            "    linkopts = %s," % repr(linkopts),
            ")",
            "",
        ]
    ctx.file("BUILD.bazel", "\n".join(out), executable = False)

system_libs_repository = repository_rule(
    implementation = _system_libs_impl,
    attrs = {"extra": attr.string_list_dict()},
    local = True,
    configure = True,
)

_WELL_KNOWN = {
    "any": [], "api": ["source_context", "type"], "descriptor": [], "duration": [], "empty": [],
    "field_mask": [], "source_context": [], "struct": [], "timestamp": [], "type": ["any", "source_context"], "wrappers": [],
}

def _system_protobuf_impl(ctx):
    _check(ctx, [("libprotobuf-dev", "google/protobuf/message.h", "libprotobuf.so")])
    protoc = ctx.which("protoc")
    if not protoc:
        fail("\n\nMissing Debian package protobuf-compiler: run\n  apt-get install -y protobuf-compiler\nor ./bazelw.\n")
    stamp = repr(_stamp(ctx, "libprotobuf-dev"))
    ctx.symlink(protoc, "protoc")
    out = ['package(default_visibility = ["//visibility:public"])', 'exports_files(["protoc"])', ""]
    names = []
    for n in sorted(_WELL_KNOWN.keys()):
        ctx.symlink("/usr/include/google/protobuf/%s.proto" % n, "src/google/protobuf/%s.proto" % n)
        names.append(n + "_proto")
        out.append('proto_library(name = "%s_proto", srcs = ["src/google/protobuf/%s.proto"], strip_import_prefix = "src", deps = %s)' % (
            n, n, repr([":%s_proto" % d for d in _WELL_KNOWN[n]]),
        ))
    out += [
        "",
        'cc_library(name = "protobuf", defines = [' + stamp + '], linkopts = ["-lprotobuf", "-lpthread"])',
        'cc_library(name = "protobuf_lite", defines = [' + stamp + '], linkopts = ["-lprotobuf-lite", "-lpthread"])',
        "proto_lang_toolchain(",
        '    name = "cc_toolchain",',
        '    command_line = "--cpp_out=$(OUT)",',
        '    runtime = ":protobuf",',
        "    blacklisted_protos = %s," % repr([":" + n for n in names]),
        ")",
    ]
    ctx.file("BUILD.bazel", "\n".join(out) + "\n", executable = False)

system_protobuf_repository = repository_rule(implementation = _system_protobuf_impl, local = True, configure = True)
