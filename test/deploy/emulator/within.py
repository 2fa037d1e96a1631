"""The clients of the emulator's own process: they ask the same application, without a connection."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto.core.botocore_stubber import MockRawResponse

Application = Callable[[dict[str, Any], Callable[..., None]], Iterable[bytes]]


def answer_by(application: Application) -> None:
    """Every client that boto3 makes from now on gets its answers from the application."""

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        said: list[Any] = []
        body = b"".join(application(_environment(request), lambda status, headers, *_: said.extend((status, headers))))
        status, headers = said
        return AWSResponse(request.url, int(status.split()[0]), dict(headers), MockRawResponse(body))

    boto3.setup_default_session()
    boto3.DEFAULT_SESSION.events.register("before-send", answer)


def _environment(request: AWSPreparedRequest) -> dict[str, Any]:
    """The request as a server of WSGI hands it over."""
    url = urlsplit(request.url)
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body if isinstance(body, bytes | bytearray) else body.read()
    raw = url.path + (f"?{url.query}" if url.query else "")
    found: dict[str, Any] = {
        "REQUEST_METHOD": request.method, "SCRIPT_NAME": "", "PATH_INFO": unquote(url.path, "latin-1"), "QUERY_STRING": url.query, "RAW_URI": raw,
        "REQUEST_URI": raw, "SERVER_NAME": url.hostname, "SERVER_PORT": str(url.port), "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": url.hostname,
        "HTTP_HOST": url.netloc, "wsgi.version": (1, 0), "wsgi.url_scheme": url.scheme, "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        found[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value.decode() if isinstance(value, bytes) else value
    return {**found, "CONTENT_LENGTH": str(len(body))}
