"""Programs that run one pipeline of this folder."""

def diarflow_experiment(name, pipeline, data = []):
    """`bazel run //experiments:NAME -- [flags]` runs the pipeline; NAME --help lists its flags.

    Args:
      name: of the program.
      pipeline: the text proto.
      data: what the pipeline names as "runfiles:...".
    """
    native.cc_binary(
        name = name,
        srcs = ["//cli:experiment.cc"],
        data = [pipeline, "//experiments/weights"] + data,
        local_defines = ['DIARFLOW_PIPELINE=\\"%s/%s\\"' % (native.package_name(), pipeline)],
        visibility = ["//:__subpackages__"],
        deps = [
            "//base:files",
            "//cli:run_pipeline",
            "//nodes:all",
        ],
    )
