"""Rebuilds an exported network with ONNX and runs it with ONNX Runtime.

usage: onnx_compare.py [EXPORTED --ours-ms MS] [--threads N] [--runs N]

EXPORTED is what the example `export_network` wrote, MS what it printed;
without them the example is built and run, in the profile of the program at
FOVEA_BIN (default: release). Checks that both runtimes give the same numbers
for the probe in the file, times ONNX Runtime on the same image, and prints
rows `what<TAB>figure`. Needs the packages numpy, onnx and onnxruntime.
"""

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


def read_safetensors(path):
    """Names to float arrays, and the metadata."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    arrays = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        raw = data[8 + length + start : 8 + length + end]
        arrays[name] = np.frombuffer(raw, dtype="<f4").reshape(entry["shape"])
    return arrays, metadata


def build(graph, arrays):
    """The model; channels first, as ONNX has them."""
    nodes, constants = [], []

    def constant(name, array):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    for node in graph["nodes"]:
        op, output = node["op"], node["output"]
        if op == "conv":
            name, kernel = node["name"], arrays[node["name"] + ".weight"]
            weight = constant(name + ".weight", kernel.transpose(3, 2, 0, 1))
            bias = constant(name + ".bias", arrays[name + ".bias"])
            plain = output if node["activation"] == "none" else output + ".linear"
            before = node["padding"]
            after = kernel.shape[0] - node["stride"] - before
            nodes.append(
                helper.make_node(
                    "Conv",
                    [node["input"], weight, bias],
                    [plain],
                    kernel_shape=list(kernel.shape[:2]),
                    strides=[node["stride"]] * 2,
                    pads=[before, before, after, after],
                    group=node["groups"],
                )
            )
            if node["activation"] == "relu6":
                bounds = [output + ".least", output + ".most"]
                for name, value in zip(bounds, [0, 6]):
                    constants.append(numpy_helper.from_array(np.array(value, np.float32), name))
                nodes.append(helper.make_node("Clip", [plain, *bounds], [output]))
            if node["activation"] == "silu":
                nodes.append(helper.make_node("Sigmoid", [plain], [output + ".gate"]))
                nodes.append(helper.make_node("Mul", [plain, output + ".gate"], [output]))
        elif op == "add":
            nodes.append(helper.make_node("Add", node["inputs"], [output]))
        elif op == "double":
            scales = constant(output + ".scales", np.array([1, 1, 2, 2], dtype=np.float32))
            nodes.append(
                helper.make_node(
                    "Resize",
                    [node["input"], "", scales],
                    [output],
                    mode="nearest",
                    coordinate_transformation_mode="asymmetric",
                    nearest_mode="floor",
                )
            )
        elif op == "mean":
            nodes.append(helper.make_node("GlobalAveragePool", [node["input"]], [output]))
        else:
            sys.exit(f"unknown operation {op}")
    height, width = graph["input"]["height"], graph["input"]["width"]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, height, width])
    outputs = []
    for name in graph["outputs"]:
        images, rows, columns, channels = arrays["probe." + name].shape
        shape = [images, channels, rows, columns]
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    model = helper.make_model(
        helper.make_graph(nodes, "detector", [x], outputs, constants),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    onnx.checker.check_model(model)
    return model


def export(network, folder):
    """Exports a network as drawn; gives the file and our milliseconds."""
    path = os.path.join(folder, network + ".safetensors")
    profile = [] if "/debug/" in os.environ.get("FOVEA_BIN", "") else ["--release"]
    command = ["cargo", "run", "--quiet", *profile, "--package", "vision", "--example", "export_network", "--"]
    printed = subprocess.run([*command, network, path], check=True, stdout=subprocess.PIPE).stdout
    return path, json.loads(printed)["forward_ms"]


def compare(path, threads, runs):
    """Median milliseconds of ONNX Runtime, and how far the outputs differ."""
    arrays, metadata = read_safetensors(path)
    graph = json.loads(metadata["graph"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        build(graph, arrays).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    x = np.ascontiguousarray(arrays["probe.x"].transpose(0, 3, 1, 2))
    found = session.run(graph["outputs"], {"x": x})
    worst = max(
        float(np.abs(value.transpose(0, 2, 3, 1) - arrays["probe." + name]).max())
        for name, value in zip(graph["outputs"], found)
    )
    times = []
    for run in range(runs + 5):
        begun = time.perf_counter()
        session.run(graph["outputs"], {"x": x})
        if run >= 5:
            times.append((time.perf_counter() - begun) * 1e3)
    return sorted(times)[len(times) // 2], worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("exported", nargs="?")
    parser.add_argument("--ours-ms", type=float)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--runs", type=int, default=101)
    arguments = parser.parse_args()
    if arguments.exported is not None:
        report("network", arguments.exported, arguments.ours_ms, arguments)
        return
    with tempfile.TemporaryDirectory() as folder:
        for network, name in [("untrained", "network"), ("untrained-lite0", "network with Lite0")]:
            report(name, *export(network, folder), arguments)


def report(name, path, ours, arguments):
    theirs, worst = compare(path, arguments.threads, arguments.runs)
    print(f"{name} alone, one image, ONNX Runtime {onnxruntime.__version__}\t{theirs:.1f} ms")
    if ours is not None:
        print(f"{name} alone, one image, Fovea\t{ours:.1f} ms")
        print(f"{name} alone, Fovea to ONNX Runtime\t{ours / theirs:.2f} times as long")
    print(f"{name} alone, largest difference of an output\t{worst:.1e}")
    if worst > 1e-2:
        sys.exit("the two runtimes disagree")


if __name__ == "__main__":
    main()
