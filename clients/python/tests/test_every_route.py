"""Calls every operation of the API once, against the server that FOVEA_URL
names, with the token of an admin in FOVEA_TOKEN.

The server has a deployment "cells" of a runnable model "cells/1" that sees
something on any picture, no worker, and nothing else.
"""

from __future__ import annotations

import asyncio
import os
import queue
import struct
import threading
import unittest
import zlib
from typing import Any

import fovea

NOBODY = "0190b2a4-0000-7000-8000-000000000000"
DEPLOYMENT = "cells"


def png(width: int = 40, height: int = 30, shade: int = 90) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes([shade, 0, 255 - shade]) * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Recorder:
    """A client that remembers which operations were called."""

    def __init__(self, client: fovea.Client) -> None:
        self.client, self.called = client, set()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.client, name)
        self.called.add(name)
        return method


def operations() -> set[str]:
    return {name for name in dir(fovea.Client) if not name.startswith("_")} - {"close"}


@unittest.skipUnless(os.environ.get("FOVEA_URL") and os.environ.get("FOVEA_TOKEN"), "FOVEA_URL and FOVEA_TOKEN say where")
class EveryRoute(unittest.TestCase):
    def setUp(self) -> None:
        client = fovea.Client()
        self.addCleanup(client.close)
        self.api: Any = Recorder(client)
        self.labels: list[str] = client.get_deployment(DEPLOYMENT)["champion"]["labels"]

    def refused(self, status: int, operation: str, *arguments: Any, **named: Any) -> fovea.Problem:
        with self.assertRaises(fovea.Problem, msg=operation) as raised:
            getattr(self.api, operation)(*arguments, **named)
        self.assertEqual(raised.exception.status, status, f"{operation}: {raised.exception}")
        self.assertTrue(raised.exception.detail, operation)
        return raised.exception

    def attempted(self, operation: str, *arguments: Any, **named: Any) -> None:
        """Some servers take it, and others say why not."""
        try:
            getattr(self.api, operation)(*arguments, **named)
        except fovea.Problem as problem:
            self.assertIn(problem.status, {400, 404, 409, 415}, f"{operation}: {problem}")
            self.assertTrue(problem.detail, operation)

    def test_each_operation_is_called_once(self) -> None:
        self.people()
        self.models()
        self.datasets()
        self.deployments()
        ids = self.predictions()
        self.reviews(ids)
        self.learning()
        self.monitoring()
        self.events()
        self.rest(ids)
        self.assertEqual(operations() - self.api.called, set(), "operations that no test calls")

    def people(self) -> None:
        api = self.api
        invited = api.add_user({"email": "ada@example.org", "role": "viewer"})
        user = invited["user"]["id"]
        self.assertEqual(api.change_user(user, {"role": "reviewer"})["role"], "reviewer")
        self.assertIn("ada@example.org", [one["email"] for one in api.list_users()["items"]])
        api.reset_link(user)
        token = api.create_token({"name": "spare", "role": "viewer"})
        self.assertIn("spare", [one["name"] for one in api.list_tokens()["items"]])
        api.revoke_token(token["token"]["id"])
        self.assertTrue(api.list_audit()["items"])
        api.list_work()
        self.refused(404, "cancel_work", NOBODY)

    def models(self) -> None:
        api = self.api
        api.register_model({"name": "elsewhere", "labels": self.labels})
        self.assertEqual(len(api.list_models()["items"]), 2)
        self.assertEqual(api.get_model_version("cells", 1)["labels"], self.labels)
        self.assertIn("cells", api.get_model_card("cells", 1))
        self.assertIsInstance(api.get_weights("cells", 1), bytes)
        self.attempted("import_model", b"no model", name="none")
        self.attempted("stage_model", b"no model", filename="a.onnx")
        self.assertIsInstance(api.list_staged_models()["items"], list)
        self.refused(404, "get_staged_model", NOBODY)
        self.refused(404, "describe_staged_model", NOBODY, {"labels": ["a"]})
        self.refused(404, "try_staged_model", NOBODY, png())
        self.refused(404, "import_staged_model", NOBODY, {"name": "a"})
        self.refused(404, "discard_staged_model", NOBODY)
        api.list_trainers()

    def datasets(self) -> None:
        api = self.api
        version = api.create_dataset_version({"dataset": "d", "labels": self.labels})["id"]
        box = {"label": self.labels[0], "x": 1, "y": 1, "w": 5, "h": 5}
        asset = api.add_asset(version, png(), fields={"annotations": [box], "split": "train"})
        self.assertEqual(len(api.list_assets(version)["items"]), 1)
        self.assertTrue(api.get_asset_image(asset["id"]).startswith(b"\x89PNG"))
        self.assertFalse(api.freeze_dataset_version(version)["open"])
        self.assertTrue(api.list_datasets()["items"])
        self.assertEqual(api.get_dataset_version("d", "v1")["id"], version)
        other = api.create_dataset_version({"dataset": "e", "labels": self.labels})["id"]
        api.discard_dataset_version(other)
        self.attempted("evaluate", "elsewhere", 1, {"dataset": "d/v1"})
        upload = api.begin_upload({"filename": "a.zip", "bytes": 10})["id"]
        api.write_upload(upload, b"0123456789")
        self.assertEqual(api.get_upload(upload)["received"], 10)
        begun = api.import_dataset("f", {"upload": upload})
        self.assertTrue(api.list_imports()["items"])
        api.get_import(begun["id"])
        api.cancel_import(begun["id"])
        self.attempted("undo_import", begun["id"])
        again = api.begin_upload({"filename": "b.zip", "bytes": 10})["id"]
        api.discard_upload(again)

    def deployments(self) -> None:
        api = self.api
        api.create_deployment({"name": "other", "model": "cells/1"})
        self.assertEqual(len(api.list_deployments()["items"]), 2)
        self.assertEqual(api.change_deployment("other", {"threshold": 0.4})["threshold"], 0.4)
        self.assertEqual(api.get_deployment("other")["champion"]["model"], "cells/1")
        self.attempted("promote", "other", {"model": "cells/1"})
        self.attempted("roll_back", "other")
        removed = api.get_deployment("other")["id"]
        if hasattr(fovea.Client, "delete_deployment"):
            api.delete_deployment("other")
            self.assertEqual(api.restore_deployment(removed)["name"], "other")

    def predictions(self) -> list[str]:
        api = self.api
        seen = [api.predict(DEPLOYMENT, png(shade=shade), source="gate 3", tags="night") for shade in range(5)]
        ids = [one["id"] for one in seen]
        self.assertIn(seen[0]["boxes"][0]["label"], self.labels)
        box = {"label": self.labels[1], "score": 0.5, "x": 1, "y": 1, "w": 5, "h": 5}
        report = {"latency_ms": 3, "boxes": [box]}
        sent = [api.report(DEPLOYMENT, report, media=png(shade=200), Idempotency_Key="k") for _ in range(2)]
        self.assertEqual(sent[0]["id"], sent[1]["id"], "what is sent twice is stored once")
        self.assertEqual(api.count_predictions(DEPLOYMENT)["count"], 6)
        listed = api.list_predictions(DEPLOYMENT, q='source = "gate 3"', limit=3)
        self.assertEqual(len(listed["items"]), 3)
        api.facets(DEPLOYMENT)
        api.known_values(DEPLOYMENT)
        api.explain_query(DEPLOYMENT, q="objects > 1")
        self.assertIn(b"gate 3", api.export_predictions(DEPLOYMENT, format="csv"))
        self.assertEqual(api.get_prediction(ids[0])["tags"], ["night"])
        self.assertEqual(api.get_prediction_image(ids[0]), png(shade=0))
        api.neighbours(ids[1])
        api.bulk_predictions(DEPLOYMENT, {"act": "tag", "tag": "seen", "q": ""})
        view = api.save_view(DEPLOYMENT, {"name": "mine", "q": "objects > 5"})
        api.change_view(view["id"], {"name": "ours", "q": "objects > 6"})
        self.assertTrue(api.list_views(DEPLOYMENT))
        api.delete_view(view["id"])
        api.remember_query(DEPLOYMENT, {"q": "objects > 5"})
        api.query_history(DEPLOYMENT)
        api.forget_queries(DEPLOYMENT)
        api.report_shadow(ids[0], {"latency_ms": 3, "boxes": [box], "model": "elsewhere/1"})
        api.get_shadow(DEPLOYMENT)
        self.attempted("replay_shadow", DEPLOYMENT, {"last": 10})
        api.delete_prediction(ids[4])
        self.refused(409, "undo_deletion", NOBODY)
        return ids

    def reviews(self, ids: list[str]) -> None:
        api = self.api
        api.set_review_settings(DEPLOYMENT, {"blind_share": 0.0})
        self.assertEqual(api.get_review_settings(DEPLOYMENT)["blind_share"], 0.0)
        lease = {"session": "a"}
        api.lease_prediction(ids[0], lease)
        api.renew_leases(DEPLOYMENT, {"ids": [ids[0]], **lease})
        api.release_leases(DEPLOYMENT, {"ids": [ids[0]], **lease})
        self.assertTrue(api.next_reviews(DEPLOYMENT, {"count": 1, **lease})["items"])
        box = {"label": self.labels[0], "x": 1, "y": 1, "w": 5, "h": 5}
        api.save_review(ids[0], {"base_revision": 0, "boxes": [box]})
        self.assertEqual(api.get_review(ids[0])["review"]["boxes"][0]["label"], self.labels[0])
        api.save_review(ids[0], {"base_revision": 1, "boxes": []})
        self.assertEqual(len(api.list_revisions(ids[0])["items"]), 2)
        self.assertEqual(api.get_revision(ids[0], 1)["revision"], 1)
        api.restore_revision(ids[0], 1, {"base_revision": 2})
        api.skip(ids[1], {"reason": "dark"})
        api.reopen(ids[1])
        api.set_feedback_loop(DEPLOYMENT, {"enabled": True, "create": True, "dataset": "loop/v1"})
        self.assertTrue(api.get_feedback_loop(DEPLOYMENT)["enabled"])
        api.submit(DEPLOYMENT, {"ids": [ids[0]]})
        self.assertEqual(len(api.list_submissions(DEPLOYMENT)["items"]), 1)
        api.unsubmit(DEPLOYMENT, {"ids": [ids[0]]})

    def learning(self) -> None:
        api = self.api
        run = api.launch_experiment({"dataset": "d/v1", "model": "cells"})["id"]
        self.assertTrue(api.list_experiments()["items"])
        self.assertEqual(api.get_experiment(run)["id"], run)
        api.cancel_experiment(run)
        api.retry_experiment(run)
        api.cancel_experiment(run)
        api.set_training_data(DEPLOYMENT, {"dataset": "d/v1"})
        api.get_training_data(DEPLOYMENT)
        api.clear_training_data(DEPLOYMENT)
        api.set_continuous_training(DEPLOYMENT, {"enabled": False})
        api.get_continuous_training(DEPLOYMENT)
        self.attempted("launch_continuous_training", DEPLOYMENT)
        api.set_continuous_deployment(DEPLOYMENT, {"policy": "manual"})
        api.get_continuous_deployment(DEPLOYMENT)
        self.attempted("compare", DEPLOYMENT, {"candidate": "elsewhere/1"})
        self.refused(404, "get_comparison", DEPLOYMENT)
        self.attempted("delete_model_version", "cells", 1)

    def monitoring(self) -> None:
        api = self.api
        self.assertIn("total", api.metrics(DEPLOYMENT))
        api.supervised_metrics(DEPLOYMENT)
        rule = {"name": "slow", "metric": "latency_p95_ms", "operator": ">", "limit": 9, "window_s": 60}
        alert = api.add_alert(DEPLOYMENT, rule)["id"]
        api.change_alert(DEPLOYMENT, alert, {**rule, "limit": 8})
        self.assertTrue(api.list_alerts(DEPLOYMENT))
        api.read_alerts(DEPLOYMENT)
        api.delete_alert(DEPLOYMENT, alert)
        hook = api.add_webhook(DEPLOYMENT, {"url": "https://example.org/hook"})["id"]
        self.assertEqual(len(api.list_webhooks(DEPLOYMENT)["items"]), 1)
        api.list_deliveries(DEPLOYMENT, hook)
        api.delete_webhook(DEPLOYMENT, hook)
        api.set_retention(DEPLOYMENT, {"days": 30})
        self.assertEqual(api.get_retention(DEPLOYMENT)["days"], 30)

    def events(self) -> None:
        for stream in (self.api.deployment_events(DEPLOYMENT), self.api.all_events()):
            heard: queue.Queue[Any] = queue.Queue()
            listener = threading.Thread(target=lambda stream=stream, heard=heard: heard.put(next(stream)), daemon=True)
            listener.start()
            for shade in range(60):
                self.api.client.predict(DEPLOYMENT, png(shade=shade))
                try:
                    self.assertIsInstance(heard.get(timeout=0.5), dict)
                    break
                except queue.Empty:
                    continue
            else:
                self.fail("no event came")

    def rest(self, ids: list[str]) -> None:
        api = self.api
        if hasattr(fovea.Client, "make_links"):
            links = api.make_links({"addresses": [f"/api/v1/predictions/{ids[0]}/image"]})["links"]
            self.assertIn("signature=", links[0])
        if hasattr(fovea.Client, "set_label_studio"):
            api.set_label_studio({"url": "https://studio.example.org", "token": "abc"})
            self.assertTrue(api.get_label_studio()["has_token"])
            api.clear_label_studio()


@unittest.skipUnless(os.environ.get("FOVEA_URL") and os.environ.get("FOVEA_TOKEN"), "FOVEA_URL and FOVEA_TOKEN say where")
class OtherWays(unittest.TestCase):
    def test_an_event_loop_has_many_requests_under_way(self) -> None:
        async def ask() -> list[Any]:
            async with fovea.AsyncClient() as client:
                return await asyncio.gather(
                    *(client.predict(DEPLOYMENT, png(shade=shade), monitor=False) for shade in range(8)))

        answers = asyncio.run(ask())
        self.assertEqual(len({one["id"] for one in answers}), 8)
        self.assertTrue(all(one["boxes"] for one in answers))

    def test_results_of_other_packages_are_reported(self) -> None:
        with fovea.Client() as asked:
            first, second, *_ = asked.get_deployment(DEPLOYMENT)["champion"]["labels"]

        class Array(list):
            def tolist(self) -> list[Any]:
                return list(self)

        class Detections:
            xyxy, confidence, class_id = Array([[1.0, 2.0, 50.0, 20.0]]), Array([0.9]), Array([1])
            data: dict[str, Any] = {}

        client = fovea.Client()
        self.addCleanup(client.close)
        [sent] = fovea.report(
            Detections(), DEPLOYMENT, client=client, names={1: second}, size=(40, 30), latency_ms=7.5, source="line 1")
        stored: Any = client.get_prediction(sent["id"])
        box = stored["boxes"][0]
        self.assertEqual((box["label"], box["x"], box["w"], box["h"]), (second, 1.0, 39.0, 18.0))
        self.assertEqual((stored["source"], stored["latency_ms"]), ("line 1", 7.5))

        class Boxes:
            xyxy, conf, cls = Array([[0.0, 0.0, 10.0, 10.0]]), Array([0.5]), Array([0.0])

        class Results:
            boxes, orig_shape, names = Boxes(), (30, 40), {0: first}
            speed, path = {"preprocess": 1.0, "inference": 2.0, "postprocess": None}, "/nowhere/a.jpg"

        [sent] = asyncio.run(fovea.report_async([Results()], DEPLOYMENT))
        stored = client.get_prediction(sent["id"])
        self.assertEqual((stored["boxes"][0]["label"], stored["latency_ms"]), (first, 3.0))
        self.assertEqual((stored["filename"], stored["width"], stored["height"]), ("a.jpg", 40, 30))

    def test_what_is_refused_says_what_to_do(self) -> None:
        with self.assertRaises(fovea.Problem) as raised:
            with fovea.Client(token="fovea_wrong") as client:
                client.list_deployments()
        self.assertEqual(raised.exception.status, 401)
        with self.assertRaises(TypeError):
            fovea.report(3, DEPLOYMENT)


if __name__ == "__main__":
    unittest.main()
