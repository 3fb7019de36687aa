"""Requests below every SDK: each header, hash and byte is the test's own."""

import dataclasses
import hashlib
import http.client
import re

from harness import sigv4


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # lower-case names
    body: bytes

    @property
    def code(self):
        """Error code: of the XML body, or of MinIO's header where HEAD has no body."""
        found = re.search(rb"<Code>([^<]*)</Code>", self.body)
        return found.group(1).decode() if found else self.headers.get("x-minio-error-code")

    @property
    def message(self):
        found = re.search(rb"<Message>([^<]*)</Message>", self.body)
        return found.group(1).decode() if found else None

    def __str__(self):
        return f"{self.status} {self.code or ''} {self.message or ''}".strip()


class Raw:
    """One address, one credential. Each request takes a connection of its own unless `keep` was asked for."""

    def __init__(self, address, access_key, secret_key, region="us-east-1", timeout=60, keep=False):
        self.address, self.timeout, self.keep = address, timeout, keep
        self.signer = sigv4.Signer(access_key, secret_key, region)
        self._connection = None

    def request(self, method, path, query=(), headers=None, body=b"", **options):
        """Signed by headers. Options: signer, payload_hash, when, host, leave_unsigned, change (a function that is
        given the headers after signing)."""
        query = list(query.items()) if isinstance(query, dict) else list(query)
        change = options.pop("change", None)
        signer = options.pop("signer", self.signer)
        payload_hash = options.pop("payload_hash", None) or hashlib.sha256(body).hexdigest()
        headers = {k.lower(): v for k, v in (headers or {}).items()}
        headers["host"] = options.pop("host", self.address)
        headers = signer.headers(method, path, query, headers, payload_hash, **options)
        if change:
            change(headers)
        target = sigv4.quote(path) + ("?" + sigv4.query_string(query) if query else "")
        return self.send(method, target, headers, body)

    def streaming(self, path, pieces, trailers=None, headers=None, query=(), change=None):
        """PUT of signed chunks; `change` may bend the encoded body."""
        when = sigv4.utc_now()
        headers = {
            "host": self.address,
            "content-encoding": "aws-chunked",
            "x-amz-decoded-content-length": str(sum(map(len, pieces))),
            **({"x-amz-trailer": ",".join(n for n, _ in trailers)} if trailers else {}),
            **(headers or {}),
        }
        kind = sigv4.STREAMING if trailers is None else sigv4.STREAMING_TRAILER
        headers = self.signer.headers("PUT", path, query, headers, kind, when)
        seed = headers["authorization"].rsplit("=", 1)[1]
        body = self.signer.chunks(seed, when, pieces, trailers)
        target = sigv4.quote(path) + ("?" + sigv4.query_string(query) if query else "")
        return self.send("PUT", target, headers, change(body) if change else body)

    def unsigned_streaming(self, path, pieces, trailers=(), headers=None, announce=True):
        """PUT of unsigned chunks with trailers, the request itself signed."""
        headers = {
            "content-encoding": "aws-chunked",
            "x-amz-decoded-content-length": str(sum(map(len, pieces))),
            **({"x-amz-trailer": ",".join(n for n, _ in trailers)} if trailers and announce else {}),
            **(headers or {}),
        }
        body = sigv4.unsigned_chunks(pieces, trailers)
        return self.request("PUT", path, headers=headers, body=body, payload_hash=sigv4.UNSIGNED_TRAILER)

    def send(self, method, target, headers=None, body=b""):
        """Sends `target` and the headers exactly as given; only Content-Length is added when it is missing."""
        connection = self._connection or http.client.HTTPConnection(self.address, timeout=self.timeout)
        self._connection = None
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            headers = {k.lower(): v for k, v in (headers or {}).items()}
            headers.setdefault("host", self.address)
            if (body or method in ("PUT", "POST")) and "transfer-encoding" not in headers:
                headers.setdefault("content-length", str(len(body)))
            for name, value in headers.items():
                connection.putheader(name, value.encode() if isinstance(value, str) else str(value))
            connection.endheaders(body or None)
            response = connection.getresponse()
            answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        except BaseException:
            connection.close()
            raise
        if self.keep:
            self._connection = connection
        else:
            connection.close()
        return answer
