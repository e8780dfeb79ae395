#!/usr/bin/env python3
"""Rules that hold for the tree as a whole: which room may use which, and that no test is left out of //...."""
import os
import re
import sys

# Room -> the rooms that it may use besides itself and base/ (docs/design/architecture.md).
ROOMS = {
    "base": set(),
    "graph": set(),
    "audio": set(),
    "models": {"audio"},
    "diarization": {"audio", "models"},
    "metrics": {"audio", "diarization"},
    "datasets": {"audio", "diarization"},
    "pages": {"audio", "diarization", "metrics", "datasets"},
    "nodes": {"graph", "audio", "models", "diarization", "metrics", "datasets", "pages"},
    "cli": {"graph", "nodes", "diarization", "metrics", "datasets", "pages"},
    "bench": {"graph", "audio", "models", "diarization", "metrics", "datasets", "pages", "nodes", "cli", "experiments"},
    "examples": {"audio", "diarization"},
    "experiments": {"graph", "audio", "models", "diarization", "datasets", "metrics", "pages", "nodes", "cli"},
}
LIBTORCH = re.compile(r'#include\s+[<"](torch|ATen|c10)/')
INCLUDE = re.compile(r'#include\s+"([a-z_]+)/')
LABEL = re.compile(r'"//([a-z_]+)[/:"]')


def tree_files():
    root = os.path.join(os.environ.get("RUNFILES_DIR") or os.environ["TEST_SRCDIR"], "own_sources", "tree")
    for folder, _, names in os.walk(root, followlinks=True):
        for name in names:
            path = os.path.join(folder, name)
            yield os.path.relpath(path, root)[: -len(".txt")], path


def mistakes_in(name, text):
    room = name.split("/")[0]
    is_build = os.path.basename(name) in ("BUILD", "BUILD.bazel")
    for number, line in enumerate(text.splitlines(), 1):
        where = "%s:%d" % (name, number)
        if is_build and re.search(r'"(manual|external)"', line):
            yield "%s: a test with this tag is not part of //..." % where
        if room not in ROOMS:
            continue
        used = set()
        if name.endswith((".cc", ".h")):
            used = set(INCLUDE.findall(line))
            if LIBTORCH.search(line) and room not in ("audio", "models"):
                yield "%s: only audio/ and models/ know LibTorch" % where
            if LIBTORCH.search(line) and name.endswith(".h") and not re.match(r"models/[a-z]+/", name):
                yield "%s: LibTorch's headers stay out of headers" % where
        elif is_build and not re.search(r'visibility|subpackages|[.]textproto"|/weights"', line):  # pipelines and weights are data
            used = set(LABEL.findall(line))
        for other in sorted((used & set(ROOMS)) - ROOMS[room] - {room, "base"}):
            yield "%s: %s/ must not use %s/" % (where, room, other)


def main():
    # Each rule must be able to fail.
    assert list(mistakes_in("graph/x.cc", '#include "audio/decode.h"')), "arrows"
    assert list(mistakes_in("audio/BUILD.bazel", '    "//nodes:payloads",')), "arrows in BUILD files"
    assert list(mistakes_in("nodes/x.cc", "#include <ATen/core/Tensor.h>")), "LibTorch"
    assert list(mistakes_in("audio/BUILD.bazel", 'tags = ["manual"],')), "tags"
    assert not list(mistakes_in("nodes/x.cc", '#include "audio/decode.h"')), "what is allowed"

    mistakes, rooms, tests = [], set(), 0
    for name, path in sorted(tree_files()):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        rooms.add(name.split("/")[0])
        tests += len(re.findall(r"^\s*\[?(?:cc|sh)_test\(", text, re.M)) if name.endswith("BUILD.bazel") else 0
        mistakes += mistakes_in(name, text)
    if not {"base", "graph", "nodes"} <= rooms or tests < 10:
        mistakes.append("the tree was not found: rooms %s, %d test rules" % (sorted(rooms), tests))
    print("\n".join(mistakes) or "%d test rules, all rooms keep their arrows" % tests)
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
