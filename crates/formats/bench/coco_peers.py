"""COCO evaluation of 5,000 images: ours, pycocotools, faster-coco-eval.

    pip install numpy pycocotools faster-coco-eval
    python3 crates/formats/bench/coco_peers.py PATH/TO/coco_bench [--images 5000] [--rounds 3]

Makes one pair of files (seeded: always the same), runs all three on it in
turn, and prints one JSON object: seconds from the files to the figures
(`total_s`), of the evaluation alone (`evaluate_s`), the ratio of each peer to
ours, and by how much the twelve figures differ at most. Peers that are not
installed are left out.
"""

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

NAMES = "AP AP50 AP75 AP_small AP_medium AP_large AR_1 AR_10 AR_100 AR_small AR_medium AR_large".split()


def make_files(folder, images, seed=7):
    """About seven objects and forty detections an image, 80 classes, one crowd in fifty."""
    rng = np.random.default_rng(seed)
    truth, found = [], []
    for image in range(1, images + 1):
        for _ in range(rng.poisson(7)):
            side = np.exp(rng.uniform(np.log(8), np.log(300), 2))
            corner = rng.uniform(0, 1, 2) * (np.array([640, 480]) - np.minimum(side, 470))
            label = int(rng.integers(1, 81))
            box = [float(v) for v in np.round([*corner, *side], 2)]
            truth.append({"id": len(truth) + 1, "image_id": image, "category_id": label, "bbox": box,
                          "area": box[2] * box[3] * 0.7, "iscrowd": int(rng.random() < 0.02)})
            for _ in range(rng.integers(0, 5)):
                shift = rng.normal(0, 0.1, 4) * np.array([*side, *side])
                near = np.array(box) + shift
                near[2:] = np.maximum(near[2:], 1)
                found.append({"image_id": image, "category_id": label if rng.random() < 0.9 else int(rng.integers(1, 81)),
                              "bbox": [float(v) for v in np.round(near, 2)],
                              "score": float(np.round(rng.beta(2, 2), 4))})
        for _ in range(rng.poisson(25)):
            box = [*rng.uniform(0, 400, 2), *np.exp(rng.uniform(np.log(8), np.log(200), 2))]
            found.append({"image_id": image, "category_id": int(rng.integers(1, 81)),
                          "bbox": [float(v) for v in np.round(box, 2)], "score": float(np.round(rng.beta(1, 6), 4))})
    listed = [{"id": image, "file_name": f"{image}.jpg", "width": 640, "height": 480} for image in range(1, images + 1)]
    classes = [{"id": label, "name": str(label)} for label in range(1, 81)]
    paths = [os.path.join(folder, name) for name in ("gt.json", "dt.json")]
    for path, content in zip(paths, ({"info": {}, "images": listed, "annotations": truth, "categories": classes}, found)):
        with open(path, "w") as file:
            json.dump(content, file)
    return paths, {"images": images, "truths": len(truth), "detections": len(found)}


def time_peer(module, evaluator, paths, rounds):
    """Best of the rounds; None when the peer is not installed."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            coco = __import__(module, fromlist=["x"])
            COCO, COCOeval = coco.COCO, getattr(__import__(evaluator[0], fromlist=["x"]), evaluator[1])
    except ImportError:
        return None
    best = {"total_s": float("inf"), "evaluate_s": float("inf")}
    for _ in range(rounds):
        with contextlib.redirect_stdout(io.StringIO()):
            start = time.perf_counter()
            truth = COCO(paths[0])
            found = truth.loadRes(paths[1])
            loaded = time.perf_counter()
            run = COCOeval(truth, found, "bbox")
            run.evaluate()
            run.accumulate()
            run.summarize()
            end = time.perf_counter()
        best["total_s"] = min(best["total_s"], end - start)
        best["evaluate_s"] = min(best["evaluate_s"], end - loaded)
    best["summary"] = dict(zip(NAMES, map(float, run.stats)))
    return best


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program", help="the built example coco_bench")
    arguments.add_argument("--images", type=int, default=5000)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths, sizes = make_files(folder, given.images)
        ours = json.loads(subprocess.check_output([given.program, *paths, str(given.rounds)]))
        peers = {
            "pycocotools": time_peer("pycocotools.coco", ("pycocotools.cocoeval", "COCOeval"), paths, given.rounds),
            "faster-coco-eval": time_peer("faster_coco_eval", ("faster_coco_eval", "COCOeval_faster"), paths, given.rounds),
        }
    result = {**sizes, "fovea": ours}
    for name, peer in peers.items():
        if peer is None:
            print(f"{name} is not installed and left out", file=sys.stderr)
            continue
        peer["total_ratio"] = peer["total_s"] / ours["total_s"]
        peer["evaluate_ratio"] = peer["evaluate_s"] / ours["evaluate_s"]
        peer["largest_difference"] = max(abs(peer["summary"][key] - ours["summary"][key]) for key in NAMES)
        result[name] = peer
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
