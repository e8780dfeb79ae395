"""Runs the networks of //bench:models in PyTorch or in ONNX Runtime.

    python models_peer.py pytorch | onnxruntime

Says its version as {"version": "..."} and then answers each line of standard input, JSON:

    {"network": "titanet" | "campplus", "weights": PATH, "features": PATH, "batch": B, "frames": T}
        features are float32 [B, T, 80]; answers {"seconds": ..., "numbers": [embeddings]}
    {"network": "adapter", "weights": PATH, "latents": PATH, "labels": PATH, "steps": N, "sizes": {...}}
        a batch of latents and labels; answers the same for N updates, numbers are their losses

or {"error": "..."}. What a line asks for the first time is built and run once before it is timed; a training goes on
where the last line with the same words has left it.
"""
import json
import os
import sys
import tempfile
import time
import warnings

answers = sys.stdout
sys.stdout = sys.stderr
warnings.filterwarnings("ignore")
THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))


def numbers(path, *shape):
    import numpy

    return numpy.fromfile(path, dtype=numpy.float32).reshape(shape)


def read_weights(path):
    import safetensors.torch
    import torch

    if path.endswith(".safetensors"):
        return safetensors.torch.load_file(path)
    return torch.load(path, weights_only=True)


def encoder(asked):
    from campplus_in_torch import Campplus
    from titanet_in_torch import Titanet

    model = {"titanet": Titanet, "campplus": Campplus}[asked["network"]]()
    weights = read_weights(asked["weights"])
    # Counters of the training, which random weights do not have.
    for name, tensor in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            weights.setdefault(name, tensor)
    model.load_state_dict(weights, strict=True)
    return model.eval()


def encoder_in_torch(asked):
    import torch

    model = encoder(asked)
    features = torch.from_numpy(numbers(asked["features"], asked["batch"], asked["frames"], 80))

    def run():
        with torch.inference_mode():
            return model(features)

    run()
    return lambda: run().flatten().tolist()


def encoder_in_onnxruntime(asked):
    import onnxruntime
    import torch

    features = numbers(asked["features"], asked["batch"], asked["frames"], 80)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    # Threads that wait must not take the cores of the program that is timed next.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        torch.onnx.export(encoder(asked), (torch.from_numpy(features),), path, input_names=["features"], verbose=False)
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run():
        return session.run(None, {"features": features})[0]

    run()
    return lambda: run().flatten().tolist()


def adapter_in_torch(asked):
    import torch
    from adapter_in_torch import AdapterStep

    torch.manual_seed(1)
    sizes = asked["sizes"]
    shape = (sizes["batch"], sizes["frames"])
    latents = torch.from_numpy(numbers(asked["latents"], *shape, sizes["input_width"]))
    labels = torch.from_numpy(numbers(asked["labels"], *shape, sizes["speakers"]))
    step = AdapterStep(sizes, read_weights(asked["weights"]), latents, labels)
    return lambda: [step() for _ in range(asked["steps"])]


def maker_of(runtime, asked):
    if asked["network"] != "adapter":
        return {"pytorch": encoder_in_torch, "onnxruntime": encoder_in_onnxruntime}[runtime]
    if runtime == "onnxruntime":
        raise ValueError("it runs networks, and trains none")
    return adapter_in_torch


def version_of(runtime):
    if runtime == "onnxruntime":
        import onnxruntime

        return "ONNX Runtime " + onnxruntime.__version__
    import torch

    torch.set_num_threads(THREADS)
    return "PyTorch " + torch.__version__


def main():
    runtime, made = sys.argv[1], {}
    print(json.dumps({"version": version_of(runtime)}), file=answers, flush=True)
    for line in sys.stdin:
        try:
            if line not in made:
                asked = json.loads(line)
                made[line] = maker_of(runtime, asked)(asked)
            began = time.perf_counter()
            result = made[line]()
            seconds = time.perf_counter() - began
            answer = {"seconds": seconds, "numbers": result}
        except Exception as error:  # whatever is wrong with a peer is a row that says so
            answer = {"error": str(error).split("\n")[0] or type(error).__name__}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
