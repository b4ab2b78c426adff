"""Results of other packages as reports: Ultralytics' ``Results``,
supervision's ``Detections``, or plain boxes. None of these packages is needed
here: what counts is which members an object has.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ._transport import File


def reports_of(
    results: Any,
    *,
    names: Mapping[int, str] | Sequence[str] | None = None,
    size: tuple[int, int] | None = None,
    image: File | None = None,
    latency_ms: float | None = None,
) -> list[tuple[dict[str, Any], File | None]]:
    """Each result as the body of a report, and the picture that goes with it."""
    if isinstance(results, (list, tuple)) and not _is_plain(results):
        return [one for result in results for one in reports_of(
            result, names=names, size=size, image=image, latency_ms=latency_ms)]
    if hasattr(results, "boxes") and hasattr(results, "orig_shape"):
        return [_of_ultralytics(results, image, latency_ms)]
    if hasattr(results, "xyxy") and hasattr(results, "confidence"):
        body = _body(_of_supervision(results, names), size, latency_ms)
        return [(body, image)]
    if _is_plain(results):
        return [(_body(_of_plain(results), size, latency_ms), image)]
    kind = type(results).__name__
    raise TypeError(
        f"{kind} is no result that is known: give Ultralytics' Results, supervision's Detections, or a list of "
        "boxes like {'label': 'cat', 'score': 0.9, 'x': 1, 'y': 2, 'w': 3, 'h': 4}"
    )


def _is_plain(results: Any) -> bool:
    return isinstance(results, (list, tuple)) and all(isinstance(one, Mapping) for one in results)


def _of_ultralytics(result: Any, image: File | None, latency_ms: float | None) -> tuple[dict[str, Any], File | None]:
    height, width = (int(side) for side in result.orig_shape[:2])
    boxes = result.boxes
    rows = [] if boxes is None else zip(_numbers(boxes.xyxy), _numbers(boxes.conf), _numbers(boxes.cls))
    found = [_box(corners, score, _name(result.names, int(place))) for corners, score, place in rows]
    if latency_ms is None:
        latency_ms = sum(float(part) for part in (getattr(result, "speed", None) or {}).values() if part)
    path = getattr(result, "path", None)
    if image is None and isinstance(path, str) and os.path.isfile(path):
        image = path
    body = _body(found, (width, height), latency_ms)
    if isinstance(path, str) and path:
        body["filename"] = os.path.basename(path)
    return body, image


def _of_supervision(detections: Any, names: Mapping[int, str] | Sequence[str] | None) -> list[dict[str, Any]]:
    corners = _numbers(detections.xyxy)
    scores = _numbers(detections.confidence) if detections.confidence is not None else [1.0] * len(corners)
    given = (getattr(detections, "data", None) or {}).get("class_name")
    if given is not None:
        labels = [str(one) for one in given]
    else:
        places = _numbers(detections.class_id) if detections.class_id is not None else [0] * len(corners)
        labels = [_name(names, int(place)) for place in places]
    return [_box(*row) for row in zip(corners, scores, labels)]


def _of_plain(boxes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(box) for box in boxes]


def _numbers(array: Any) -> list[Any]:
    """A tensor or an array as lists of Python's numbers."""
    for step in ("detach", "cpu"):
        array = getattr(array, step)() if hasattr(array, step) else array
    return array.tolist() if hasattr(array, "tolist") else list(array)


def _name(names: Mapping[int, str] | Sequence[str] | None, place: int) -> str:
    if names is None:
        return str(place)
    try:
        return str(names[place])
    except (KeyError, IndexError):
        return str(place)


def _box(corners: Sequence[float], score: float, label: str) -> dict[str, Any]:
    x0, y0, x1, y1 = (float(number) for number in corners)
    return {"label": label, "score": float(score), "x": x0, "y": y0, "w": x1 - x0, "h": y1 - y0}


def _body(
    boxes: list[dict[str, Any]], size: tuple[int, int] | None, latency_ms: float | None
) -> dict[str, Any]:
    body: dict[str, Any] = {"latency_ms": float(latency_ms or 0.0), "boxes": boxes}
    if size is not None:
        width, height = size
        body.update(width=int(width), height=int(height), boxes=[
            inside for box in boxes if (inside := _inside(box, width, height)) is not None])
    return body


def _inside(box: dict[str, Any], width: float, height: float) -> dict[str, Any] | None:
    """The part of a box that lies on the picture, if there is one."""
    x0, y0 = max(0.0, box["x"]), max(0.0, box["y"])
    x1, y1 = min(float(width), box["x"] + box["w"]), min(float(height), box["y"] + box["h"])
    return {**box, "x": x0, "y": y0, "w": x1 - x0, "h": y1 - y0} if x1 > x0 and y1 > y0 else None
