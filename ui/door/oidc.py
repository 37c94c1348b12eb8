"""Coming in through an OpenID provider: authorization code flow with PKCE, the ID token checked before
anything in it is believed.

Knows the protocol (OpenID Connect Core 1.0, RFC 7636) and which claim gives which role. Needs authlib (extra
``oidc``). A person is known by issuer and subject, never by name: a provider cannot take over a user who has
a password here.
"""

from __future__ import annotations

import hmac
import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kgrag.errors import KgragError, MissingExtra, ServiceUnavailable, TooMany, UsageError
from kgrag.people.rights import ROLES, Person
from kgrag.people.users import Users
from kgrag.settings import Settings
from kgrag.system.network import is_loopback
from ui.door.door import Auth, address_of
from ui.door.forms import enter, form_token, in_thread, is_https
from ui.door.login_html import login_html
from ui.limits import Limits
from ui.problems import problem_of
from ui.words import Language

logger = logging.getLogger(__name__)
FLOW_COOKIE = "kgrag_oidc"
FLOW_S, TIMEOUT_S, KNOWN_S, LEEWAY_S = 600, 10.0, 3600.0, 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures by the provider's own key; never a shared secret, never none."""


class NotLetIn(KgragError):
    """The provider, or what it says of the person, does not let them in."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What one login in progress must come back with; it lies in the visitor's own cookie."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """One OpenID provider.

    Args:
        settings: with ``oidc_issuer`` and ``oidc_client_id``.

    Raises:
        UsageError: these are missing, or the issuer is not reached by https (loopback aside).
        MissingExtra: authlib is not installed.
    """

    def __init__(self, settings: Settings) -> None:
        if not settings.oidc_issuer or not settings.oidc_client_id:
            raise UsageError("auth is oidc, but oidc_issuer or oidc_client_id is not set. See docs/RIGHTS.md")
        if urlsplit(settings.oidc_issuer).scheme != "https" and not is_loopback(settings.oidc_issuer):
            raise UsageError(f"oidc_issuer is '{settings.oidc_issuer}'; a provider is reached by https.")
        try:
            from authlib.integrations.httpx_client import OAuth2Client
        except ModuleNotFoundError as error:
            raise MissingExtra("Logging in by OpenID Connect", "oidc") from error
        self._client: Callable[..., Any] = OAuth2Client
        self.settings, self.issuer = settings, str(settings.oidc_issuer)
        self._known: tuple[float, dict[str, Any]] | None = None

    def begin(self, redirect: str) -> tuple[str, Flow]:
        """The provider's address to go to, and what to remember until the visitor comes back."""
        flow = Flow(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
        with self._session(redirect) as client:
            address, _ = client.create_authorization_url(
                self._about("authorization_endpoint"),
                state=flow.state,
                nonce=flow.nonce,
                code_verifier=flow.verifier,
            )
        return str(address), flow

    def finish(self, redirect: str, code: str, flow: Flow) -> Mapping[str, Any]:
        """The claims of whoever comes back with a code.

        Raises:
            NotLetIn: the provider refuses the code, or its token does not hold.
            ServiceUnavailable: the provider does not answer.
        """
        import httpx
        from authlib.common.errors import AuthlibBaseError

        try:
            with self._session(redirect) as client:
                token = client.fetch_token(
                    self._about("token_endpoint"),
                    code=code,
                    code_verifier=flow.verifier,
                    grant_type="authorization_code",
                )
        except AuthlibBaseError as error:
            raise NotLetIn(f"The provider did not take the code ({error.error}). Log in again.") from error
        except httpx.HTTPError as error:
            raise ServiceUnavailable(
                f"The provider {self.issuer} does not answer: {error}. Try again, or log in with a password."
            ) from error
        return self._claims(str(token.get("id_token", "")), flow.nonce)

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": str(self.settings.oidc_client_id)},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims: dict[str, Any] = jwt.decode(
                token, KeySet.import_key_set(self._get(self._about("jwks_uri"))), algorithms=ALGORITHMS
            ).claims
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            logger.warning("An ID token of %s does not hold: %s", self.issuer, error)
            raise NotLetIn(
                "The provider's token does not hold. Log in again; if it goes on, an admin finds the reason"
                " in the service's log."
            ) from error
        audience = claims["aud"]
        if (
            isinstance(audience, list)
            and len(audience) > 1
            and claims.get("azp") != self.settings.oidc_client_id
        ):
            raise NotLetIn("The provider's token is for another service.")
        return claims

    def _about(self, name: str) -> str:
        """What the provider says of itself, remembered for an hour."""
        if self._known is None or self._known[0] < time.monotonic() - KNOWN_S:
            found = self._get(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                raise NotLetIn(
                    f"The provider calls itself '{found.get('issuer')}', the setting oidc_issuer"
                    f" '{self.issuer}'. They must be the same."
                )
            self._known = (time.monotonic(), found)
        return str(self._known[1][name])

    def _get(self, address: str) -> Any:
        import httpx

        try:
            return httpx.get(address, timeout=TIMEOUT_S).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise ServiceUnavailable(
                f"The provider {self.issuer} does not answer: {error}. Try again, or log in with a password."
            ) from error

    def _session(self, redirect: str) -> Any:
        secret = self.settings.oidc_client_secret.get_secret_value()
        return self._client(
            self.settings.oidc_client_id,
            secret or None,
            scope="openid profile email",
            redirect_uri=redirect,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            timeout=TIMEOUT_S,
        )


def role_of(settings: Settings, groups: Sequence[str]) -> str:
    """The highest role that a person's groups give.

    Raises:
        NotLetIn: none does, and there is no default.
        UsageError: ``oidc_roles`` is not of the form GROUP=ROLE.
    """
    given = [pair.rpartition("=") for pair in settings.oidc_roles]
    if wrong := [
        pair
        for pair, (group, _, role) in zip(settings.oidc_roles, given, strict=True)
        if not group or role not in ROLES
    ]:
        raise UsageError(
            f"oidc_roles holds '{wrong[0]}'; write GROUP=ROLE with a role of {', '.join(ROLES)}."
        )
    found = [ROLES.index(role) for group, _, role in given if group in groups]
    if found:
        return ROLES[max(found)]
    if settings.oidc_default_role is None:
        raise NotLetIn("You are known to the provider, but in no group that is let in here. Ask the library.")
    return settings.oidc_default_role


def person_of(users: Users, settings: Settings, claims: Mapping[str, Any]) -> Person:
    """The user that the claims name, made on their first coming; role and groups as the provider has them
    now.
    """
    held = claims.get(settings.oidc_groups_claim, ())
    groups = [group for group in (held if isinstance(held, list) else [held]) if isinstance(group, str)]
    role = role_of(settings, groups)
    name = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
    user = users.from_provider(str(settings.oidc_issuer), str(claims["sub"]), name, role, groups)
    if user.disabled:
        raise NotLetIn("This user is let in no more. Ask the library.")
    return user.person


def add_oidc(app: Any, auth: Auth, limits: Limits) -> None:
    """The routes /oidc/start and /oidc/callback.

    Raises:
        UsageError, MissingExtra: the provider is not set up.
    """
    provider = Provider(auth.settings)

    async def start(request: Request) -> Response:
        try:
            address, flow = await in_thread(provider.begin, _redirect(request))
        except KgragError as error:
            return _failed(request, auth, error)
        response = RedirectResponse(address, 303)
        value = json.dumps([flow.state, flow.nonce, flow.verifier])
        response.set_cookie(
            FLOW_COOKIE,
            value.encode().hex(),
            max_age=FLOW_S,
            httponly=True,
            samesite="lax",
            secure=is_https(request),
            path="/oidc",
        )
        return response

    async def callback(request: Request) -> Response:
        try:
            limits.hit("login", address_of(request.scope))
            flow = _flow(request)
            if "error" in request.query_params:
                raise NotLetIn("The provider did not let you in. Log in again.")
            claims = await in_thread(
                provider.finish, _redirect(request), request.query_params.get("code", ""), flow
            )
            person = await in_thread(person_of, auth.users, auth.settings, claims)
        except KgragError as error:
            await in_thread(auth.entrance.note_failed, "oidc")
            return _failed(request, auth, error)
        response = await in_thread(enter, request, auth, person, "/")
        response.delete_cookie(FLOW_COOKIE, path="/oidc")
        return response

    app.add_api_route("/oidc/start", start, methods=["GET"], include_in_schema=False, response_model=None)
    app.add_api_route(
        "/oidc/callback", callback, methods=["GET"], include_in_schema=False, response_model=None
    )


def _flow(request: Request) -> Flow:
    """The login in progress of this visitor, if it is the one that the provider sends back."""
    try:
        flow = Flow(*map(str, json.loads(bytes.fromhex(request.cookies.get(FLOW_COOKIE, "")))))
    except (ValueError, TypeError) as error:
        raise NotLetIn("No login is in progress here, or it took too long. Log in again.") from error
    if not hmac.compare_digest(flow.state.encode(), request.query_params.get("state", "").encode()):
        raise NotLetIn("The provider's answer belongs to another login. Log in again.")
    return flow


def _redirect(request: Request) -> str:
    base = (request.state.auth.settings.public_url or str(request.base_url)).rstrip("/")
    return f"{base}/oidc/callback"


def _failed(request: Request, auth: Auth, error: KgragError) -> Response:
    language: Language = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
    status = problem_of(error)["status"] if isinstance(error, ServiceUnavailable | TooMany) else 403
    return HTMLResponse(
        login_html(form_token(request), language, str(error), "/", oidc=True),
        status,
        {"Cache-Control": "no-store"},
    )
