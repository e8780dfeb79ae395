"""Other implementations of the Mimi encoder for //bench:mimi.

    python mimi_peer.py moshi | transformers | rustymimi fp32 | autocast | bf16 WEIGHTS AUDIO

The last two precisions are moshi's alone. WEIGHTS is a safetensors file with the released names, AUDIO raw float32 samples at 24 kHz. Says {"version": "..."} and
then answers each line of standard input, JSON:

    {"do": "whole", "batch": B}
    {"do": "steps", "steps": N}      80 ms each, after ten that are not timed

with {"seconds": ..., "steps": [seconds], "latent": [the first frames], "memory_kb": ...} or {"error": "..."}. The memory
is the peak of the process while it did this for the first time, before it was timed.
transformers and rustymimi run with random weights of their own: their speed does not depend on them.
"""
import contextlib
import ctypes
import json
import os
import resource
import sys
import tempfile
import time
import warnings

answers = sys.stdout
sys.stdout = sys.stderr
warnings.filterwarnings("ignore")
STEP = 1920


def torch_with_threads():
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    torch.set_grad_enabled(False)
    return torch


class Moshi:
    def __init__(self, numbers, weights, audio):
        self.torch = torch_with_threads()
        import importlib.metadata

        import safetensors.torch
        from moshi.models import loaders

        self.version = "moshi " + importlib.metadata.version("moshi")
        self.model = loaders.get_mimi(None, device="cpu").eval()
        found = self.model.load_state_dict(safetensors.torch.load_file(weights), strict=False)
        lost = [name for name in found.missing_keys if name.startswith(("encoder.", "encoder_tr", "downsample"))]
        if lost:
            raise ValueError(f"it knows {len(lost)} weights by other names: {lost[0]}")
        self.audio = self.torch.from_numpy(audio)[None, None]
        if numbers == "bf16":
            self.model, self.audio = self.model.bfloat16(), self.audio.bfloat16()
        self.autocast = numbers == "autocast"

    def encode(self, audio):
        context = self.torch.autocast("cpu", dtype=self.torch.bfloat16) if self.autocast else contextlib.nullcontext()
        with context:
            return self.model.encode_to_latent(audio, quantize=False)

    def whole(self, batch):
        audio = self.audio.expand(batch, -1, -1)
        return lambda: self.encode(audio)[0].T[:5].float().flatten().tolist()

    def steps(self, count):
        seconds = []
        with self.model.streaming(1):
            for i in range(count + 10):
                at = i * STEP % (self.audio.shape[-1] - STEP)
                piece = self.audio[..., at : at + STEP]
                began = time.perf_counter()
                self.encode(piece)
                seconds.append(time.perf_counter() - began)
        return seconds[10:]


class Transformers:
    def __init__(self, numbers, weights, audio):
        if numbers != "fp32":
            raise ValueError("it is measured in fp32 only")
        self.torch = torch_with_threads()
        import transformers

        self.version = "transformers " + transformers.__version__
        self.model = transformers.MimiModel(transformers.MimiConfig()).eval()
        self.audio = self.torch.from_numpy(audio)[None, None]

    def whole(self, batch):
        encoder = self.model.encoder
        audio = self.audio.expand(batch, -1, -1)

        def run():
            # From release 5.24 on the transformer and the last convolution are inside of the encoder.
            frames = encoder(audio)
            if not self.torch.is_tensor(frames):
                frames = frames[0]
            if hasattr(self.model, "downsample") and not hasattr(encoder, "downsample"):
                frames = self.model.encoder_transformer(frames.transpose(1, 2))[0].transpose(1, 2)
                frames = self.model.downsample(frames)
            return [float(frames.shape[1]), float(frames.shape[2])]

        return run


class Rusty:
    def __init__(self, numbers, weights, audio):
        if numbers != "fp32":
            raise ValueError("it is measured in fp32 only")
        import importlib.metadata

        import rustymimi
        import safetensors.torch
        from moshi.models import loaders

        self.version = "rustymimi " + importlib.metadata.version("rustymimi")
        self.audio = audio[None, None]
        state = loaders.get_mimi(None, device="cpu").state_dict()
        names = {name: name.replace("in_projs.0.weight", "in_proj_weight").replace("out_projs.0.", "out_proj.") for name in state}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "mimi.safetensors")
            safetensors.torch.save_file({names[name]: tensor.contiguous() for name, tensor in state.items()}, path)
            self.model = rustymimi.Tokenizer(path)

    def whole(self, batch):
        if batch != 1:
            raise ValueError("it is measured on one stream only")
        return lambda: [float(self.model.encode(self.audio).shape[-1])]


def measure(peer, asked):
    if asked["do"] == "steps":
        return {"steps": peer.steps(asked["steps"])}
    run = peer.whole(asked["batch"])
    began = time.perf_counter()
    latent = run()
    return {"seconds": time.perf_counter() - began, "latent": latent}


def reset_peak_memory():
    ctypes.CDLL(None).malloc_trim(0)
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass  # the peak stays that of the whole process


def peak_memory_kb():
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def answer(peer, line, memory_kb):
    asked = json.loads(line)
    if line not in memory_kb:
        reset_peak_memory()
        measure(peer, asked)
        memory_kb[line] = peak_memory_kb()
    return dict(measure(peer, asked), memory_kb=memory_kb[line])


def main():
    kind, numbers, weights, audio = sys.argv[1:5]
    try:
        import numpy

        samples = numpy.fromfile(audio, dtype=numpy.float32)
        peer = {"moshi": Moshi, "transformers": Transformers, "rustymimi": Rusty}[kind](numbers, weights, samples)
        print(json.dumps({"version": peer.version}), file=answers, flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{kind} cannot start: {error}".split("\n")[0]}), file=answers, flush=True)
        return
    memory_kb = {}
    for line in sys.stdin:
        try:
            result = answer(peer, line, memory_kb)
        except Exception as error:  # whatever is wrong with a peer is a row that says so
            result = {"error": str(error).split("\n")[0] or type(error).__name__}
        print(json.dumps(result), file=answers, flush=True)


if __name__ == "__main__":
    main()
