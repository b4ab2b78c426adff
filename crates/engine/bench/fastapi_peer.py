"""A detector served the usual way: FastAPI, Pillow, NumPy and ONNX Runtime.

The peer of `cargo xtask bench onnx --onnx FILE`, which starts it as

    python fastapi_peer.py FILE PORT

It serves a network of the YOLO family with one square input and the output
[1, 4 + classes, candidates]: `POST /predict` with a picture answers its boxes
from a score of 0.01 on, at most 300, after suppression at an IoU of 0.7.
"""

import io
import sys

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from PIL import Image

LEAST_SCORE = 0.01
IOU = 0.7
MOST_BOXES = 300

session = onnxruntime.InferenceSession(sys.argv[1], providers=onnxruntime.get_available_providers())
network_input = session.get_inputs()[0]
side = network_input.shape[2]
app = FastAPI()


def prepare(picture):
    """The picture in the middle of a grey square, as [1, 3, side, side] from 0 to 1."""
    scale = side / max(picture.size)
    width, height = (round(length * scale) for length in picture.size)
    left, top = (side - width) // 2, (side - height) // 2
    square = Image.new("RGB", (side, side), (114, 114, 114))
    square.paste(picture.resize((width, height), Image.Resampling.BILINEAR), (left, top))
    values = np.asarray(square, dtype=np.float32).transpose(2, 0, 1)[None] / 255
    return np.ascontiguousarray(values), scale, left, top


def suppress(boxes, scores, classes):
    """Indices of the boxes that stay, by falling score."""
    order = np.argsort(-scores)
    shifted = boxes + classes[:, None] * 7680.0
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while order.size and len(kept) < MOST_BOXES:
        first, rest = order[0], order[1:]
        kept.append(first)
        low = np.maximum(shifted[first, :2], shifted[rest, :2])
        high = np.minimum(shifted[first, 2:], shifted[rest, 2:])
        common = np.prod(np.maximum(high - low, 0), axis=1)
        order = rest[common <= IOU * (areas[first] + areas[rest] - common)]
    return kept


def detect(body):
    """The boxes of an encoded picture."""
    picture = Image.open(io.BytesIO(body)).convert("RGB")
    values, scale, left, top = prepare(picture)
    columns = session.run(None, {network_input.name: values})[0][0]
    per_class = columns[4:]
    classes = per_class.argmax(0)
    scores = per_class[classes, np.arange(per_class.shape[1])]
    sure = scores >= LEAST_SCORE
    middle, size = columns[:2, sure].T, columns[2:4, sure].T
    boxes = np.concatenate([middle - size / 2, middle + size / 2], axis=1)
    scores, classes = scores[sure], classes[sure]
    kept = suppress(boxes, scores, classes)
    limit = np.array([*picture.size, *picture.size], dtype=np.float32)
    shown = np.clip((boxes[kept] - [left, top, left, top]) / scale, 0, limit)
    return [
        {"x": x, "y": y, "w": right - x, "h": bottom - y, "score": score, "label": str(label)}
        for (x, y, right, bottom), score, label in zip(
            shown.tolist(), scores[kept].tolist(), classes[kept].tolist()
        )
    ]


@app.post("/predict")
async def predict(request: Request):
    body = await request.body()
    return {"boxes": await run_in_threadpool(detect, body)}


@app.get("/readyz")
def ready():
    return {"onnxruntime": onnxruntime.__version__}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
