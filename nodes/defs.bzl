"""One stage: its options, its code, its registration."""

load("@rules_proto//proto:defs.bzl", "proto_library")

def diarflow_node(name, hdrs = [], has_options = True, proto_deps = [], deps = [], data = []):
    """A node or resource of NAME.cc with the options message of NAME.proto.

    Args:
      name: of the library and of its files.
      hdrs: headers, for resources.
      has_options: whether there is a NAME.proto.
      proto_deps: what NAME.proto imports.
      deps: what the code uses besides graph/ and the macros for statuses.
      data: files that it reads at run time.
    """
    options = []
    if has_options:
        proto_library(
            name = name + "_proto",
            srcs = [name + ".proto"],
            deps = proto_deps,
        )
        native.cc_proto_library(
            name = name + "_cc_proto",
            deps = [":%s_proto" % name],
        )
        options = [":%s_cc_proto" % name]
    native.cc_library(
        name = name,
        srcs = [name + ".cc"],
        hdrs = hdrs,
        data = data,
        deps = options + deps + [
            "//base:status_macros",
            "//graph:registry",
            "@sys//:absl_statusor",
            "@sys//:absl_strings",
        ],
        alwayslink = True,
    )
