#!/usr/bin/env python3
"""A trainer for Fovea with nothing but Python's standard library.

It shows the protocol of docs/trainers.md from end to end, and is what to copy
when you write your own. What it learns is little: for each label the mean box,
and the share of the training images that have one. Its network says so for
every image, so its figures are a floor that any detector must beat.

    python3 minimal.py --describe     prints its parameters
    python3 minimal.py FOLDER         trains what FOLDER/job.json asks for
"""

import json
import os
import struct
import sys
import threading
import time

DESCRIPTION = {
    "protocol": 1,
    "about": "Learns the mean box of each label: a floor for other trainers, and an example for yours.",
    "parameters": [
        {"name": "steps", "type": "whole", "default": 20, "least": 1, "most": 10000,
         "help": "steps; the boxes of as many images are averaged in each"},
        {"name": "pause_s", "type": "number", "default": 0.0, "least": 0, "most": 60,
         "help": "seconds between two steps, to watch it at work"},
    ],
}
SIDE = 64  # of the network's input, in pixels


def say(event, **values):
    """One JSON line for each event; flushed, since whoever reads it waits."""
    print(json.dumps({"event": event, **values}), flush=True)


class Wishes:
    """What Fovea writes to stdin: `stop` (end with what there is), `suspend`
    (end at once; another attempt goes on), or its end (Fovea is gone)."""

    def __init__(self):
        self.word = None
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in sys.stdin:
            self.word = line.strip()
        os._exit(1)


def boxes_by_image(coco):
    """(label, centre x, centre y, width, height) of each image, as parts of it."""
    sizes = {image["id"]: (image["width"], image["height"]) for image in coco["images"]}
    found = {image: [] for image in sizes}
    for box in coco["annotations"]:
        if box["iscrowd"]:
            continue  # a region to be ignored
        (x, y, w, h), (width, height) = box["bbox"], sizes[box["image_id"]]
        found[box["image_id"]].append(
            (box["category_id"] - 1, (x + w / 2) / width, (y + h / 2) / height, w / width, h / height))
    # Old images are shown again, so that what is new does not replace them.
    repeats = {image["id"]: image["repeat"] for image in coco["images"]}
    return [found[image] for image in sorted(found) for _ in range(repeats[image])]


def train(job, images, wishes):
    """Sums of boxes by label, image by image; goes on from a checkpoint."""
    labels = len(job["labels"])
    kept = os.path.join(job["checkpoints"], "sums.json")
    state = {"step": 0, "images": 0, "sums": [[0.0] * 4 for _ in range(labels)], "seen": [0] * labels,
             "boxes": [0] * labels}
    if os.path.exists(kept):
        with open(kept) as file:
            state = json.load(file)
    # First of all: what an earlier attempt told beyond this step is forgotten.
    say("started", step=state["step"])
    steps, begun = job["parameters"]["steps"], time.monotonic()
    for step in range(state["step"] + 1, steps + 1):
        # This step's share of the images.
        for boxes in images[len(images) * (step - 1) // steps:len(images) * step // steps]:
            state["images"] += 1
            for label in {box[0] for box in boxes}:
                state["seen"][label] += 1
            for label, *box in boxes:
                state["boxes"][label] += 1
                state["sums"][label] = [a + b for a, b in zip(state["sums"][label], box)]
        state["step"] = step
        left = (time.monotonic() - begun) / step * (steps - step)
        say("step", step=step, steps=steps, loss=1 / step, seconds_left=left)
        with open(kept + ".new", "w") as file:
            json.dump(state, file)
        os.replace(kept + ".new", kept)
        # Told once it is there: the step then need not be done again.
        say("checkpoint", step=step)
        time.sleep(job["parameters"]["pause_s"])
        if wishes.word == "suspend":
            sys.exit(1)
        if wishes.word == "stop":
            say("log", message=f"told to stop at step {step} of {steps}")
            break
    return state


# An ONNX file is a protobuf message. These few lines write one; a trainer that
# uses a framework exports its network with that instead.

def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor(name, shape, data_type, data):
    return b"".join(field(1, side) for side in shape) + field(2, data_type) + field(8, name) + field(9, data)


def node(kind, inputs, output, **attributes):
    lists = b"".join(
        field(5, field(1, name) + b"".join(field(8, number) for number in numbers) + field(20, 7))
        for name, numbers in attributes.items())
    return b"".join(field(1, name) for name in inputs) + field(2, output) + field(3, output) + field(4, kind) + lists


def value(name, shape):
    sides = b"".join(field(1, field(1, side)) for side in shape)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, sides)))


def network(state):
    """[1, 3, SIDE, SIDE] -> [1, 4 + C, C]: a candidate for each of C labels.

    The numbers are the bias of a convolution over the mean colour, whose
    weights are 0."""
    labels = len(state["boxes"])
    rows = [[0.0] * labels for _ in range(4 + labels)]
    for label in range(labels):
        boxes, seen = state["boxes"][label], state["seen"][label]
        for place in range(4):
            rows[place][label] = state["sums"][label][place] / boxes if boxes else 0.5
        rows[4 + label][label] = seen / max(state["images"], 1)
    bias = [number for row in rows for number in row]
    size = len(bias)
    floats, wholes = 1, 7
    graph = b"".join([
        field(1, node("GlobalAveragePool", ["images"], "mean")),
        field(1, node("Conv", ["mean", "weights", "bias"], "numbers", kernel_shape=[1, 1], strides=[1, 1])),
        field(1, node("Reshape", ["numbers", "shape"], "output")),
        field(2, "minimal"),
        field(5, tensor("weights", [size, 3, 1, 1], floats, bytes(4 * 3 * size))),
        field(5, tensor("bias", [size], floats, struct.pack(f"<{size}f", *bias))),
        field(5, tensor("shape", [3], wholes, struct.pack("<3q", 1, 4 + labels, labels))),
        field(11, value("images", [1, 3, SIDE, SIDE])),
        field(12, value("output", [1, 4 + labels, labels])),
    ])
    return field(1, 8) + field(2, "minimal.py") + field(7, graph) + field(8, field(2, 13))


RECIPE = {
    "input": {"size": {"fixed": {"width": SIDE, "height": SIDE}}, "fit": "stretch"},
    "output": {"form": "columns", "unit": "normalised"},
}


def main():
    if sys.argv[1:] == ["--describe"]:
        print(json.dumps(DESCRIPTION))
        return
    with open(os.path.join(sys.argv[1], "job.json")) as file:
        job = json.load(file)
    wishes = Wishes()
    with open(job["coco"]["train"]) as file:
        images = boxes_by_image(json.load(file))
    state = train(job, images, wishes)
    if job["base"]:
        say("log", message=f"started from {job['base']['name']}, with {', '.join(job['base']['files'])}")
    output = job["output"]
    # What is beside the model is kept, and lies in the base's folder next time.
    with open(os.path.join(output, "sums.json"), "w") as file:
        json.dump(state, file)
    with open(os.path.join(output, "recipe.json"), "w") as file:
        json.dump(RECIPE, file)
    # Aside and renamed: a model that is there is whole.
    with open(os.path.join(output, "model.onnx.new"), "wb") as file:
        file.write(network(state))
    os.replace(os.path.join(output, "model.onnx.new"), os.path.join(output, "model.onnx"))


if __name__ == "__main__":
    main()
