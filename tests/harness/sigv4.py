"""Signature V4 as AWS documents it, written apart from every SDK so that each of its parts can be bent in a test.

Header signatures, presigned URLs, signed chunks and trailers.
"""

import datetime
import hashlib
import hmac
import urllib.parse

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
STREAMING = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAMING_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def quote(text, slash=True):
    return urllib.parse.quote(text, safe="-_.~/" if slash else "-_.~")


def query_string(query):
    return "&".join(f"{quote(k, False)}={quote(str(v), False)}" for k, v in query)


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc)


class Signer:
    def __init__(self, access_key, secret_key, region="us-east-1", service="s3"):
        self.access_key, self.secret_key = access_key, secret_key
        self.region, self.service = region, service

    def _scope(self, when):
        return f"{when:%Y%m%d}/{self.region}/{self.service}/aws4_request"

    def _key(self, when):
        key = ("AWS4" + self.secret_key).encode()
        for part in (f"{when:%Y%m%d}", self.region, self.service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key

    def _sign(self, when, algorithm, *lines):
        text = "\n".join((algorithm, f"{when:%Y%m%dT%H%M%SZ}", self._scope(when), *lines))
        return hmac.new(self._key(when), text.encode(), hashlib.sha256).hexdigest()

    @staticmethod
    def _canonical(method, path, query, headers, names, payload_hash):
        pairs = sorted((quote(k, False), quote(str(v), False)) for k, v in query)
        lines = [method, quote(path), "&".join(f"{k}={v}" for k, v in pairs)]
        lines += [f"{name}:{' '.join(str(headers[name]).split())}" for name in names]
        lines += ["", ";".join(names), payload_hash]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def headers(self, method, path, query, headers, payload_hash, when=None, leave_unsigned=()):
        """All headers to send: the given ones (lower case, host among them) plus date, hash and Authorization."""
        when = when or utc_now()
        headers = {"x-amz-date": f"{when:%Y%m%dT%H%M%SZ}", "x-amz-content-sha256": payload_hash, **headers}
        names = sorted(name for name in headers if name not in leave_unsigned)
        digest = self._canonical(method, path, query, headers, names, payload_hash)
        signature = self._sign(when, "AWS4-HMAC-SHA256", digest)
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.access_key}/{self._scope(when)}, "
            f"SignedHeaders={';'.join(names)}, Signature={signature}"
        )
        return headers

    def presign(self, method, path, host, query=(), expires=600, when=None, headers=None):
        """Path and query of a presigned URL. `headers` are those that the request will have to carry."""
        when = when or utc_now()
        headers = {"host": host, **(headers or {})}
        names = sorted(headers)
        query = [
            *query,
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", f"{self.access_key}/{self._scope(when)}"),
            ("X-Amz-Date", f"{when:%Y%m%dT%H%M%SZ}"),
            ("X-Amz-Expires", expires),
            ("X-Amz-SignedHeaders", ";".join(names)),
        ]
        digest = self._canonical(method, path, query, headers, names, UNSIGNED)
        signature = self._sign(when, "AWS4-HMAC-SHA256", digest)
        return f"{quote(path)}?{query_string([*query, ('X-Amz-Signature', signature)])}"

    def chunks(self, seed, when, pieces, trailers=None):
        """Body of signed chunks for `pieces`, closed by the empty chunk, then signed trailers if there are any."""
        out, previous = [], seed
        for piece in [*pieces, b""]:
            previous = self._sign(
                when, "AWS4-HMAC-SHA256-PAYLOAD", previous, EMPTY_SHA256, hashlib.sha256(piece).hexdigest()
            )
            out.append(f"{len(piece):x};chunk-signature={previous}\r\n".encode() + piece)
            out.append(b"\r\n" if piece or trailers is None else b"")
        if trailers is not None:
            lines = "".join(f"{name}:{value}\n" for name, value in trailers)
            last = self._sign(when, "AWS4-HMAC-SHA256-TRAILER", previous, hashlib.sha256(lines.encode()).hexdigest())
            sent = "".join(f"{name}:{value}\r\n" for name, value in trailers)
            out.append(f"{sent}x-amz-trailer-signature:{last}\r\n\r\n".encode())
        return b"".join(out)


def unsigned_chunks(pieces, trailers=()):
    """Body of unsigned chunks with trailers."""
    out = [f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces]
    lines = "".join(f"{name}:{value}\r\n" for name, value in trailers)
    return b"".join([*out, b"0\r\n", lines.encode(), b"\r\n"])
