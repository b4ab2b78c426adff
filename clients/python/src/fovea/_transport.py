"""Requests and answers over HTTP, with the standard library alone.

Connections are kept open, as many as there were requests at a time. What can be
sent twice without harm is sent again when the connection broke or the server
was busy.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import os
import select
import ssl
import threading
import time
import uuid
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from typing import Any, BinaryIO, Union
from urllib.parse import quote, urlencode, urlsplit

#: A file: its bytes, its path, or what reads it.
File = Union[bytes, bytearray, memoryview, str, "os.PathLike[str]", BinaryIO]
#: What a server tells of while it happens.
Event = dict[str, Any]

_TRIES = 4
_LONGEST_WAIT_S = 10.0


class Problem(Exception):
    """What the server refused or could not do (RFC 9457)."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        #: The HTTP status.
        self.status = status
        #: A stable name of the kind of problem.
        self.type = str(body.get("type", "about:blank"))
        #: The kind, for people.
        self.title = str(body.get("title", http.client.responses.get(status, "Failed")))
        #: What was wrong, and what to do about it.
        self.detail = str(body.get("detail", ""))
        #: The field, parameter or file it is about.
        self.place: str | None = body.get("place")
        #: All of the answer.
        self.body = dict(body)
        super().__init__(f"{status} {self.title}: {self.detail}".rstrip(": "))


def quoted(part: object) -> str:
    """A part of a path."""
    return quote(str(part), safe="")


def _bytes_of(file: File) -> tuple[bytes, str | None]:
    """The bytes of a file, and its name if it has one."""
    if isinstance(file, (bytes, bytearray, memoryview)):
        return bytes(file), None
    if isinstance(file, (str, os.PathLike)):
        with open(file, "rb") as opened:
            return opened.read(), os.path.basename(os.fspath(file))
    name = getattr(file, "name", None)
    return file.read(), os.path.basename(name) if isinstance(name, str) else None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def _form(fields: Mapping[str, Any], media: File) -> tuple[bytes, str]:
    """A multipart form (RFC 7578) of texts and one file."""
    data, name = _bytes_of(media)
    boundary = uuid.uuid4().hex
    body = io.BytesIO()
    for key, value in fields.items():
        if value is not None:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n'
            body.write(head.encode() + _text(value).encode() + b"\r\n")
    shown = (name or "media").replace('"', "%22").replace("\r", "").replace("\n", "")
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="media"; filename="{shown}"\r\n\r\n'
    body.write(head.encode() + data + f"\r\n--{boundary}--\r\n".encode())
    return body.getvalue(), f"multipart/form-data; boundary={boundary}"


class Transport:
    """A server, and the token by which it knows who asks.

    ``url`` and ``token`` are FOVEA_URL and FOVEA_TOKEN of the environment when
    they are left out. ``verify`` is False, or the path of a file with
    certificates, for servers with one of their own.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 60.0,
        verify: bool | str = True,
    ) -> None:
        url = url or os.environ.get("FOVEA_URL") or "http://127.0.0.1:3000"
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address of a server: write it like https://fovea.example.org")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._base = parts.path.rstrip("/")
        self._token = token or os.environ.get("FOVEA_TOKEN") or ""
        self._timeout = timeout
        self._context = self._tls(verify) if self._secure else None
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    @staticmethod
    def _tls(verify: bool | str) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=verify if isinstance(verify, str) else None)
        if verify is False:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _new_connection(self) -> http.client.HTTPConnection:
        if self._context is not None:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout, context=self._context
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)

    def _take(self) -> http.client.HTTPConnection:
        """A connection over which nothing is under way; a new one if need be."""
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._new_connection()
            if connection.sock is not None and not _is_closed(connection.sock):
                return connection
            connection.close()

    def _give_back(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            self._idle.append(connection)

    def close(self) -> None:
        """Closes the connections that are kept open."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def __enter__(self):  # noqa: ANN204
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _headers(self, more: Mapping[str, Any] | None) -> dict[str, str]:
        headers = {"Accept": "*/*", "User-Agent": "fovea-python"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        headers.update({name: str(value) for name, value in (more or {}).items() if value is not None})
        return headers

    def _target(self, path: str, query: Mapping[str, Any] | None) -> str:
        pairs = [(name, _text(value)) for name, value in (query or {}).items() if value is not None]
        return self._base + path + (f"?{urlencode(pairs)}" if pairs else "")

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Any = None,
        data: File | None = None,
        media: File | None = None,
        answer: str = "json",
    ) -> Any:
        sent = self._headers(headers)
        payload: bytes | None = None
        if media is not None:
            payload, sent["Content-Type"] = _form(body or {}, media)
        elif data is not None:
            payload, _ = _bytes_of(data)
            sent["Content-Type"] = "application/octet-stream"
        elif body is not None:
            payload = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        again = method in ("GET", "PUT", "DELETE") or "Idempotency-Key" in sent
        status, kind, content = self._exchange(method, self._target(path, query), payload, sent, again)
        if not 200 <= status < 300:
            raise self._problem(status, kind, content)
        if answer == "json":
            return json.loads(content) if content else None
        if answer == "text":
            return content.decode()
        return content if answer == "bytes" else None

    @staticmethod
    def _problem(status: int, kind: str, content: bytes) -> Problem:
        if "json" in kind:
            try:
                body = json.loads(content)
                if isinstance(body, dict):
                    return Problem(status, body)
            except ValueError:
                pass
        return Problem(status, {"detail": content[:500].decode(errors="replace")})

    def _exchange(
        self, method: str, target: str, payload: bytes | None, headers: dict[str, str], again: bool
    ) -> tuple[int, str, bytes]:
        for attempt in range(1, _TRIES + 1):
            connection = self._take()
            try:
                connection.request(method, target, payload, headers)
                response = connection.getresponse()
                content = response.read()
            except (http.client.HTTPException, OSError):
                connection.close()
                if attempt == _TRIES or not again:
                    raise
                time.sleep(min(0.1 * 2**attempt, _LONGEST_WAIT_S))
                continue
            if response.will_close:
                connection.close()
            else:
                self._give_back(connection)
            wait = _wait_of(response)
            busy = response.status == 429 or (response.status == 503 and again)
            if busy and wait is not None and attempt < _TRIES:
                time.sleep(wait)
                continue
            return response.status, response.headers.get("Content-Type", ""), content
        raise AssertionError("the last attempt returns or raises")

    def _events(
        self, path: str, query: Mapping[str, Any] | None = None, headers: Mapping[str, Any] | None = None
    ) -> Generator[Event, None, None]:
        """Events as they come, over a connection of their own, until it ends."""
        connection = self._new_connection()
        try:
            sent = {**self._headers(headers), "Accept": "text/event-stream"}
            connection.request("GET", self._target(path, query), None, sent)
            response = connection.getresponse()
            if response.status != 200:
                raise self._problem(response.status, response.headers.get("Content-Type", ""), response.read())
            yield from _events_of(response)
        finally:
            connection.close()


def _is_closed(socket: Any) -> bool:
    """Whether the server has ended a connection over which nothing is under way."""
    try:
        readable, _, _ = select.select([socket], [], [], 0)
    except (OSError, ValueError):
        return True
    return bool(readable)


def _wait_of(response: http.client.HTTPResponse) -> float | None:
    """Seconds that the server asks to wait, unless it is long."""
    try:
        wait = float(response.headers.get("Retry-After", ""))
    except ValueError:
        return None
    return wait if 0 <= wait <= _LONGEST_WAIT_S else None


def _events_of(lines: Any) -> Iterator[Event]:
    """Server-sent events (HTML Standard, 9.2) whose data is JSON."""
    data: list[str] = []
    for raw in lines:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            text, data = "\n".join(data), []
            try:
                event = json.loads(text)
            except ValueError:
                continue
            yield event if isinstance(event, dict) else {"value": event}


class AsyncTransport:
    """The same for programs with an event loop: each request is made in a
    thread, so that many may be under way at a time.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 60.0,
        verify: bool | str = True,
    ) -> None:
        self._sync = Transport(url, token, timeout=timeout, verify=verify)

    async def close(self) -> None:
        """Closes what can be closed from here."""
        await asyncio.to_thread(self._sync.close)

    async def __aenter__(self):  # noqa: ANN204
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _call(self, *arguments: Any, **named: Any) -> Any:
        return await asyncio.to_thread(self._sync._call, *arguments, **named)

    async def _events(self, *arguments: Any, **named: Any) -> AsyncIterator[Event]:
        events = self._sync._events(*arguments, **named)
        over = object()
        try:
            while (event := await asyncio.to_thread(next, events, over)) is not over:
                yield event  # type: ignore[misc]
        finally:
            events.close()
