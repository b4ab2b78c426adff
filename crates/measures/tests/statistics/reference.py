"""Figures of other programs for the boxes of sample.rs.

python -m venv v && v/bin/pip install numpy pycocotools tidecv
"""

import contextlib
import io

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


class Lcg:
    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound

    def shift(self):
        return self.below(13) - 6


def images(seed, count, crowds):
    lcg, number = Lcg(seed), [0]

    def score():
        number[0] += 1
        return (lcg.below(1000) * 1000 + number[0] % 1000) / 1e6

    result = []
    for _ in range(count):
        truths, detections = [], []
        for _ in range(3 + lcg.below(5)):
            category = lcg.below(3)
            bbox = [lcg.below(500), lcg.below(400), 20 + lcg.below(100), 20 + lcg.below(100)]
            crowd = lcg.below(8) == 0 and crowds
            truths.append((category, bbox, crowd))
        for category, (x, y, w, h), _ in truths:
            if lcg.below(10) < 8:
                if lcg.below(6) == 0:
                    category = (category + 1) % 3
                bbox = [x + lcg.shift(), y + lcg.shift(), w + lcg.shift(), h + lcg.shift()]
                detections.append((category, bbox, score()))
                if lcg.below(5) == 0:
                    bbox = [bbox[0] + 3, bbox[1], bbox[2], bbox[3] + 5]
                    detections.append((category, bbox, score()))
        for _ in range(lcg.below(4)):
            category = lcg.below(3)
            bbox = [lcg.below(500), lcg.below(400), 20 + lcg.below(100), 20 + lcg.below(100)]
            detections.append((category, bbox, score()))
        result.append((truths, detections))
    return result


def coco(sample, weights):
    ground, found, image_id = {"images": [], "annotations": [], "categories": [{"id": i} for i in (1, 2, 3)]}, [], 0
    for (truths, detections), weight in zip(sample, weights):
        for _ in range(weight):
            image_id += 1
            ground["images"].append({"id": image_id})
            for category, bbox, crowd in truths:
                ground["annotations"].append(
                    {
                        "id": len(ground["annotations"]) + 1,
                        "image_id": image_id,
                        "category_id": category + 1,
                        "bbox": bbox,
                        "area": bbox[2] * bbox[3],
                        "iscrowd": int(crowd),
                    }
                )
            for category, bbox, score in detections:
                found.append({"image_id": image_id, "category_id": category + 1, "bbox": bbox, "score": score})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = ground
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(found), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def tide(sample):
    from tidecv import TIDE, Data

    truth, found = Data("truth"), Data("found")
    for image, (truths, detections) in enumerate(sample):
        truth.add_image(image, str(image))
        found.add_image(image, str(image))
        for category, bbox, _ in truths:
            truth.add_ground_truth(image, category, bbox)
        for category, bbox, score in detections:
            found.add_detection(image, category, score, bbox)
    run = TIDE()
    result = run.evaluate(truth, found, mode=TIDE.BOX)
    return result.ap, result.count_errors(), result.fix_main_errors()


if __name__ == "__main__":
    sample = images(1, 12, True)
    for weights in ([1] * 12, [0, 2, 1, 1, 3, 0, 0, 1, 1, 2, 1, 0]):
        print(weights, [float(x) for x in coco(sample, weights).stats])
    evaluation = coco(images(2, 12, False), [1] * 12)
    curve = evaluation.eval["precision"][0, :, 1, 0, 2]
    print("curve", [float(curve[i]) for i in (0, 25, 50, 75, 100)], float(np.mean(curve)))
    ap, counts, gained = tide(images(3, 40, False))
    print(ap, {k.short_name: v for k, v in counts.items()}, {k.short_name: v for k, v in gained.items()})
