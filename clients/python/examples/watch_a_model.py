"""A model that runs elsewhere, watched by Fovea.

Run it as it is, or cell by cell in an editor that knows `# %%`:

    pip install ./clients/python ultralytics
    FOVEA_URL=https://fovea.example.org FOVEA_TOKEN=fovea_… python watch_a_model.py pictures/*.jpg
"""

# %% A server, and a deployment that takes reports
import sys

import fovea
from ultralytics import YOLO

client = fovea.Client()
model = YOLO("yolo11n.pt")
names = list(model.names.values())

try:
    client.get_deployment("yolo")
except fovea.Problem as problem:
    if problem.status != 404:
        raise
    version = client.register_model({"name": "yolo", "labels": names})["name"]
    client.create_deployment({"name": "yolo", "model": version})

# %% Predict, and report in one call: boxes, names, time and picture
for picture in sys.argv[1:]:
    results = model(picture)
    fovea.report(results, "yolo", client=client, source="laptop", tags=["example"])

# %% How it does
figures = client.metrics("yolo")["total"]
print(figures["predictions"], "predictions")

# %% The pictures that a person should look at first
listed = client.list_predictions("yolo", q="status = to_review", sort="-outlier_score", limit=5)
for prediction in listed["items"]:
    print(prediction["filename"], len(prediction["boxes"]), "boxes")
