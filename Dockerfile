# The hermetic form: a Debian 12 with nothing, the README's two commands, and only the package registries.
#
#   docker build -t diarflow .     builds, runs the baseline, runs every test
#   docker run --rm diarflow                     runs the baseline again
FROM debian:12

RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /src/diarflow
COPY . .

# Bazel puts the sandboxes' output into /dev/shm, which Docker makes small by default: .bazelrc is told to use /tmp.
RUN echo "build --sandbox_base=/tmp" >> .bazelrc

ENV CI=true
RUN ./bazelw run //experiments:baseline
RUN ./bazelw test //...

CMD ["./bazelw", "run", "//experiments:baseline"]
