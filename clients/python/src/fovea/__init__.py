"""A client of Fovea.

    import fovea

    client = fovea.Client("https://fovea.example.org", "fovea_…")
    seen = client.predict("cells", "picture.jpg")          # boxes, and it is watched
    fovea.report(results, "cells", client=client)           # what another model saw
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, cast

from . import _types as types
from ._api import Operations
from ._async_api import AsyncOperations
from ._results import reports_of
from ._transport import Event, File, Problem

__all__ = ["AsyncClient", "Client", "Event", "File", "Problem", "report", "report_async", "types"]
__version__ = "0.1.0"


class Client(Operations):
    """A server, asked one request after another."""


class AsyncClient(AsyncOperations):
    """A server, asked from an event loop."""


def _deployment(named: str | None) -> str:
    deployment = named or os.environ.get("FOVEA_DEPLOYMENT")
    if not deployment:
        raise ValueError("Say which deployment: report(results, 'cells'), or FOVEA_DEPLOYMENT in the environment.")
    return deployment


def report(
    results: Any,
    deployment: str | None = None,
    *,
    client: Client | None = None,
    image: File | None = None,
    names: Mapping[int, str] | Sequence[str] | None = None,
    size: tuple[int, int] | None = None,
    latency_ms: float | None = None,
    send_images: bool = True,
    **said: Any,
) -> list[types.ReceivedBody]:
    """Reports what another program predicted, and gives the ids under which it is stored.

    ``results`` is what Ultralytics' ``model(...)`` or supervision's
    ``Detections`` are, one or a list of them, or a list of boxes. Of
    ``Detections``, ``size`` (width, height) or ``image`` says how large the
    picture is, and ``names`` what its classes are called. ``said`` is what else a
    report has: source, tags, metadata, timestamp, model.

    A report whose answer was lost is sent again, and stored once.
    """
    deployment = _deployment(deployment)
    given = reports_of(results, names=names, size=size, image=image, latency_ms=latency_ms)
    opened = client or Client()
    try:
        return [
            opened.report(
                deployment, _with(body, said), media=picture if send_images else None, Idempotency_Key=_key()
            )
            for body, picture in given
        ]
    finally:
        if client is None:
            opened.close()


async def report_async(
    results: Any,
    deployment: str | None = None,
    *,
    client: AsyncClient | None = None,
    image: File | None = None,
    names: Mapping[int, str] | Sequence[str] | None = None,
    size: tuple[int, int] | None = None,
    latency_ms: float | None = None,
    send_images: bool = True,
    **said: Any,
) -> list[types.ReceivedBody]:
    """The same as :func:`report`, from an event loop."""
    deployment = _deployment(deployment)
    given = reports_of(results, names=names, size=size, image=image, latency_ms=latency_ms)
    opened = client or AsyncClient()
    try:
        return [
            await opened.report(
                deployment, _with(body, said), media=picture if send_images else None, Idempotency_Key=_key()
            )
            for body, picture in given
        ]
    finally:
        if client is None:
            await opened.close()


def _with(body: dict[str, Any], said: dict[str, Any]) -> types.ReportBody:
    return cast("types.ReportBody", {**body, **said})


def _key() -> str:
    """A key of one report: all attempts to send it have the same."""
    return str(uuid.uuid4())
