"""The wire of the stand-in API server: TLS on loopback, and a kubeconfig for it."""

import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.parts.certificate import certificate
from tests.parts.kubernetes_protobuf import access_review

VIEWER = "system:serviceaccount:shop:viewer"
# Tokens of the kubeconfig's contexts, and whom they are; the context "bad" has a token that nobody knows.
USERS = {"admin-s3cr3t": "lab-admin", "viewer-s3cr3t": VIEWER, "user-s3cr3t": "lab-token-viewer"}
TOKENS = {
    "admin": "admin-s3cr3t",
    "viewer": "viewer-s3cr3t",
    "user": "user-s3cr3t",
    "bad": "bad-s3cr3t",
    "anon": "",
}


class Request(NamedTuple):
    """One request that came in."""

    user: str
    method: str
    path: str
    query: dict[str, list[str]]
    content_type: str
    body: Any


Answer = Callable[[Request], tuple[int, Any]]


def serve(answer: Answer, folder: Path) -> ThreadingHTTPServer:
    """Serve until ``shutdown``; writes ``kubeconfig`` into the folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer))
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    url = f"https://127.0.0.1:{server.server_address[1]}"
    (folder / "kubeconfig").write_text(json.dumps(_kubeconfig(url, TOKENS)))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def _handler(answer: Answer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _go(self) -> None:
            url = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = _parsed(raw)
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            user = USERS.get(token, "") if token else "system:anonymous"
            kind = self.headers.get("Content-Type") or ""
            code, said = answer(Request(user, self.command, url.path, parse_qs(url.query), kind, body))
            plain = isinstance(said, str)
            data = said.encode() if plain else json.dumps(said).encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/plain; charset=utf-8" if plain else "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PATCH = do_POST = do_PUT = _go  # noqa: N815 - the names that http.server calls

        def log_message(self, *args: object) -> None:
            pass

    return Handler


def _parsed(raw: bytes) -> Any:
    """A JSON body, an access review in protobuf, or the error."""
    if raw.startswith(b"k8s\0"):
        return access_review(raw)
    try:
        return json.loads(raw) if raw else None
    except ValueError as error:
        return error


def _kubeconfig(url: str, tokens: dict[str, str]) -> Any:
    cluster = {"server": url, "certificate-authority": "server.pem"}
    contexts = [
        {"name": name, "context": {"cluster": "lab", "user": name, "namespace": "shop"}} for name in tokens
    ]
    users = [{"name": name, "user": {"token": token} if token else {}} for name, token in tokens.items()]
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "lab", "cluster": cluster}],
        "contexts": contexts,
        "users": users,
        "current-context": "admin",
    }
