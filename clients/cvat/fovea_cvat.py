"""Annotates tasks of CVAT with what a deployment of Fovea sees.

    pip install cvat-cli ./clients/python
    export FOVEA_URL=https://fovea.example.org FOVEA_TOKEN=fovea_… FOVEA_DEPLOYMENT=cells
    cvat-cli --server-host https://cvat.example.org task auto-annotate 7 \
        --function-file clients/cvat/fovea_cvat.py --allow-unmatched-labels

Boxes go to the labels of the task that have the names of the model's. Nothing
is stored in Fovea, unless FOVEA_MONITOR is "true".
"""

import io
import os

import cvat_sdk.auto_annotation as cvataa
import fovea

_client = fovea.Client()
_deployment = os.environ["FOVEA_DEPLOYMENT"]
_champion = _client.get_deployment(_deployment)["champion"]
_ids = {label: number for number, label in enumerate(_champion["labels"])}

#: What CVAT asks first: the labels that may come back.
spec = cvataa.DetectionFunctionSpec(labels=[cvataa.label_spec(label, number) for label, number in _ids.items()])


def detect(context, image):
    """The boxes on one frame, at or above CVAT's threshold, else the deployment's."""
    file = io.BytesIO()
    image.convert("RGB").save(file, format="PNG", compress_level=1)
    monitor = os.environ.get("FOVEA_MONITOR") == "true"
    seen = _client.predict(_deployment, file.getvalue(), monitor=monitor, filename=context.frame_name)
    least = seen["threshold"] if context.conf_threshold is None else context.conf_threshold
    return [
        cvataa.rectangle(_ids[box["label"]], [box["x"], box["y"], box["x"] + box["w"], box["y"] + box["h"]])
        for box in seen["boxes"]
        if box["score"] >= least and box["label"] in _ids
    ]
