"""Files out of Debian packages that are not to be installed, by name, version and checksum."""

load(":pip.bzl", "run")

def apt_extract(ctx, package, version, sha256, folder):
    """Downloads a package with the apt that is already set up, and unpacks its files into a folder.

    Nothing of the package is run or installed. apt knows packages by lists, which a machine may lack or have only old
    ones of: then lists are fetched into the repository's own folder, and the machine's stay as they are.
    """
    what = "%s=%s" % (package, version)
    ctx.report_progress("apt-get download " + what)
    result = ctx.execute(["apt-get", "download", "--quiet=2", what], timeout = 3600)
    if result.return_code != 0:
        own = _own_lists(ctx)
        result = ctx.execute(["apt-get"] + own + ["download", "--quiet=2", what], timeout = 3600)
    if result.return_code != 0:
        policy = ctx.execute(["apt-cache"] + own + ["policy", package]).stdout.strip()
        fail("\n\napt cannot download %s: its sources hold another version, or cannot be reached. It said:\n%s%s\n%s\n" % (
            what,
            result.stdout,
            result.stderr,
            policy or "(it knows no package %s)" % package,
        ))

    # The file's name holds the version in a spelling of its own.
    files = [p.basename for p in ctx.path(".").readdir() if p.basename.endswith(".deb")]
    if len(files) != 1:
        fail("apt-get download %s left %s, expected one *.deb" % (what, files))
    got = run(ctx, ["sha256sum", files[0]], "sha256sum")[:64]
    if got != sha256:
        fail("%s: sha256 is %s, pinned is %s" % (files[0], got, sha256))
    run(ctx, ["dpkg-deb", "--extract", files[0], folder], "unpacking " + files[0])
    ctx.delete(files[0])

def _own_lists(ctx):
    """Options that make apt use lists in the repository's folder, which are fetched when they are not there yet."""
    lists = ctx.path("apt-lists")
    options = ["-o", "Dir::State::Lists=%s" % lists]
    if not lists.exists:
        run(ctx, ["mkdir", "-p", "%s/partial" % lists], "mkdir")
        ctx.report_progress("apt-get update")
        ctx.execute(["apt-get"] + options + ["update", "--quiet=2"], timeout = 3600)
    return options
