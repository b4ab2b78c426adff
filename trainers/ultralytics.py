#!/usr/bin/env python3
"""A trainer for Fovea that calls your installed ultralytics (docs/trainers.md).

Fovea brings neither ultralytics nor any weights along; their licences are
between you and their authors. Name it with the Python that has ultralytics and
onnx installed:

    fovea serve --trainer yolo='/path/to/venv/bin/python /path/to/ultralytics.py'
"""

import json
import os
import shutil
import sys
import threading
import time
from pathlib import Path

# Events have stdout to themselves: progress bars, which end no line, go to stderr.
EVENTS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
# This file's name is that of the library: its folder must not come first.
sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]


def whole(name, default, least, most, text, **more):
    return {"name": name, "type": "whole", "default": default, "least": least, "most": most, "help": text, **more}


def number(name, default, least, most, text):
    return {"name": name, "type": "number", "default": default, "least": least, "most": most, "help": text}


DESCRIPTION = {
    "protocol": 1,
    "about": "Trains with the ultralytics that is installed here; goes on from best.pt of the base, if there is one.",
    "parameters": [
        {"name": "model", "type": "text", "default": "yolo11n.yaml",
         "help": "what to start from without a base: a .yaml for fresh weights, or the path of a .pt of yours"},
        whole("epochs", 100, 1, 10000, "passes over the training images"),
        whole("imgsz", 640, 32, 2048, "side of the network's input in px", multiple_of=32),
        whole("batch", 16, 1, 512, "images in a step"),
        whole("patience", 50, 0, 10000, "epochs without progress on the val split after which it ends; 0 for never"),
        {"name": "optimizer", "type": "choice", "default": "auto", "choices": ["auto", "SGD", "Adam", "AdamW"],
         "help": "auto chooses learning rates, too"},
        number("lr0", 0.01, 1e-6, 1, "learning rate at the begin, where optimizer is not auto"),
        number("mosaic", 1.0, 0, 1, "share of images made of four"),
        number("flipud", 0.0, 0, 1, "chance of mirroring top to bottom"),
        whole("workers", 2, 0, 64, "processes that read images"),
        {"name": "device", "type": "text", "default": "", "help": "0, 0,1 or cpu; empty for what there is"},
    ],
}


def say(event, **values):
    EVENTS.write(json.dumps({"event": event, **values}) + "\n")
    EVENTS.flush()


class Wishes:
    """What Fovea writes to stdin; its end is Fovea's."""

    def __init__(self):
        self.stop = False
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._live, daemon=True).start()

    def _listen(self):
        for line in sys.stdin:
            if line.strip() == "suspend":
                os._exit(1)  # what there is, is in the checkpoint folder
            self.stop = True
        os._exit(1)

    def _live(self):
        while True:
            time.sleep(60)
            say("alive")


def watch(model, job, wishes):
    """Tells Fovea of steps, curves and checkpoints."""
    progress = {"begun": time.monotonic(), "first": None}

    def batch_end(trainer):
        if wishes.stop:
            trainer.stop = True
        batches = max(len(trainer.train_loader), 1)
        progress["batch"] = progress.get("batch", 0) + 1
        if progress["first"] is None:
            progress["first"] = trainer.epoch * batches
        done, steps = progress["first"] + progress["batch"], trainer.epochs * batches
        left = (time.monotonic() - progress["begun"]) / progress["batch"] * (steps - done)
        rate = trainer.optimizer.param_groups[0]["lr"]
        # A dictionary in newer versions, a tensor in the order of loss_names before.
        items = trainer.loss_items
        items = items if isinstance(items, dict) else dict(zip(trainer.loss_names, items.reshape(-1)))
        parts = {name.rsplit("/", 1)[-1]: float(value) for name, value in items.items()}
        values = {"loss": sum(parts.values())}
        values.update((to, parts[name]) for to, name in (("loss_box", "box_loss"), ("loss_class", "cls_loss"))
                      if name in parts)
        say("step", step=done, steps=steps, learning_rate=rate, seconds_left=left, **values)

    def epoch_measured(trainer):
        if trainer.epoch >= trainer.epochs:
            return  # the best weights once more
        step = (trainer.epoch + 1) * max(len(trainer.train_loader), 1)
        for series, name in (("val_ap", "metrics/mAP50-95(B)"), ("val_ap50", "metrics/mAP50(B)")):
            if job["images"]["val"] and name in (trainer.metrics or {}):
                say("point", step=step, series=series, value=float(trainer.metrics[name]))

    def saved(trainer):
        say("checkpoint", step=(trainer.epoch + 1) * max(len(trainer.train_loader), 1))

    model.add_callback("on_train_batch_end", batch_end)
    model.add_callback("on_fit_epoch_end", epoch_measured)
    model.add_callback("on_model_save", saved)


def main():
    if sys.argv[1:] == ["--describe"]:
        EVENTS.write(json.dumps(DESCRIPTION))
        EVENTS.flush()
        return
    job = json.loads((Path(sys.argv[1]) / "job.json").read_text())
    given, kept, wishes = job["parameters"], Path(job["checkpoints"]), Wishes()
    os.environ.setdefault("YOLO_CONFIG_DIR", str(kept))  # nothing in the home folder
    os.environ.setdefault("YOLO_OFFLINE", "true")
    os.environ.setdefault("MPLCONFIGDIR", str(kept))
    from ultralytics import YOLO

    last = kept / "run" / "weights" / "last.pt"
    base = Path(job["base"]["folder"]) / "best.pt" if job["base"] else None
    if last.exists():
        model, resume = YOLO(last), True
        batches = -(-len(Path(sys.argv[1], "train.txt").read_text().splitlines()) // given["batch"])
        say("started", step=(model.ckpt["epoch"] + 1) * batches)
    else:
        model, resume = YOLO(base if base and base.exists() else given["model"]), False
        say("started", step=0)
    watch(model, job, wishes)
    options = {name: given[name] for name in
               ("epochs", "imgsz", "batch", "patience", "optimizer", "lr0", "mosaic", "flipud", "workers")}
    if given["device"]:
        options["device"] = given["device"]
    # amp: its check would fetch weights. exist_ok: the next attempt works there, too.
    model.train(data=job["yolo"], project=str(kept), name="run", exist_ok=True, resume=resume, seed=job["seed"],
                val=job["images"]["val"] > 0, plots=False, amp=False, verbose=False, **options)
    weights = kept / "run" / "weights"
    best = weights / "best.pt" if (weights / "best.pt").exists() else weights / "last.pt"
    exported = YOLO(best).export(format="onnx", imgsz=given["imgsz"], simplify=False, opset=17)
    output = Path(job["output"])
    shutil.copy(best, output / "best.pt")
    shutil.copy(exported, output / "model.onnx.new")
    (output / "model.onnx.new").rename(output / "model.onnx")


if __name__ == "__main__":
    main()
