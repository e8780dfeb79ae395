"""This workspace's own text files as one filegroup, across package boundaries, for tests about the tree as a whole.

The files are links, so that a change of one reaches the tests; a new file does when the Bazel server starts anew.
"""

load(":pip.bzl", "run")

def _impl(ctx):
    root = str(ctx.path(Label("//:WORKSPACE")).dirname)
    found = run(ctx, ["find", root, "-type", "d", "(", "-name", ".git", "-o", "-name", "bazel-*", "-o", "-name", "diarflow-out", ")", "-prune", "-o", "-type", "f", "-print"], "find")
    for path in found.splitlines():
        name = path[len(root) + 1:]
        if name.endswith((".cc", ".h", ".proto", ".textproto", ".bzl", ".md", ".py", ".sh", "BUILD.bazel", "BUILD")):
            # Under another name, as a BUILD file would begin a package.
            ctx.symlink(path, "tree/" + name + ".txt")
    ctx.file("BUILD.bazel", 'filegroup(name = "tree", srcs = glob(["tree/**"]), visibility = ["//visibility:public"])\n', executable = False)

own_sources_repository = repository_rule(
    implementation = _impl,
    local = True,
)
