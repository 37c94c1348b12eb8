"""A small OpenID provider for tests that speaks the real protocol: discovery, JWKS, code flow with PKCE, ID
tokens signed RS256.

Knows one person, and how to misbehave on demand: each name in ``wrong`` breaks one thing that a client must
notice.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "kgrag", "the-client's-secret"


class OpenId:
    """See the module. ``claims`` is what the provider says of the person."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key, self.other = (RSAKey.generate_key(2048, {"kid": "one"}) for _ in range(2))
        self.claims: dict[str, Any] = {"sub": "person-1", "preferred_username": "olga", "groups": ["staff"]}
        self.wrong = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.app = FastAPI()
        for path, method, endpoint in (
            ("/.well-known/openid-configuration", "GET", self.configuration),
            ("/keys", "GET", self.keys),
            ("/authorize", "GET", self.authorize),
            ("/token", "POST", self.token),
        ):
            self.app.add_api_route(path, endpoint, methods=[method], response_model=None)

    def configuration(self) -> dict[str, Any]:
        """What OpenID Connect Discovery asks for."""
        return {
            "issuer": "http://127.0.0.1:1" if self.wrong == "issuer" else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> dict[str, Any]:
        """The public keys."""
        return {"keys": [self.key.as_dict(private=False)]}

    def authorize(self, request: Request) -> RedirectResponse:
        """The person agrees at once."""
        asked = dict(request.query_params)
        if (
            asked.get("client_id") != CLIENT
            or asked.get("response_type") != "code"
            or asked.get("code_challenge_method") != "S256"
            or "openid" not in asked["scope"]
        ):
            raise HTTPException(400, "not what a client sends")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        state = "another" if self.wrong == "state" else asked["state"]
        said = {"error": "access_denied"} if self.wrong == "denied" else {"code": code}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({**said, 'state': state})}", 303)

    def token(
        self,
        request: Request,
        grant_type: str = Form(),
        code: str = Form(),
        code_verifier: str = Form(),
        redirect_uri: str = Form(),
    ) -> JSONResponse:
        """The code, once, for who began with it."""
        asked = self.codes.pop(code, None)
        credentials = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).decode().rstrip("=")
        )
        if (
            asked is None
            or grant_type != "authorization_code"
            or challenge != asked["code_challenge"]
            or redirect_uri != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        if request.headers.get("authorization") != credentials:
            return JSONResponse({"error": "invalid_client"}, 401)
        return JSONResponse(
            {
                "access_token": secrets.token_urlsafe(8),
                "token_type": "Bearer",
                "id_token": self.id_token(asked["nonce"]),
            }
        )

    def id_token(self, nonce: str) -> str:
        """Signed, or wrong in the one way that is asked for."""
        now = int(time.time())
        claims = {
            **self.claims,
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
        }
        claims |= {
            "nonce": {"nonce": "another"},
            "audience": {"aud": "another"},
            "azp": {"aud": [CLIENT, "another"], "azp": "another"},
            "expired": {"exp": now - 3600},
            "token issuer": {"iss": "http://127.0.0.1:1"},
        }.get(self.wrong, {})
        if self.wrong == "unsigned":
            parts = (b'{"alg":"none"}', str(claims).replace("'", '"').encode(), b"")
            return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
        if self.wrong == "shared secret":
            from joserfc.jwk import OctKey

            return str(jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(SECRET * 2)))
        return str(
            jwt.encode(
                {"alg": "RS256", "kid": "one"}, claims, self.other if self.wrong == "key" else self.key
            )
        )


@contextmanager
def running_provider() -> Iterator[OpenId]:
    """On a free port of loopback."""
    import uvicorn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    provider = OpenId(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(provider.app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield provider
    server.should_exit = True
    thread.join(timeout=10)
