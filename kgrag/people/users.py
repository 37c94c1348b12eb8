"""Keeps the people of a library (names, roles, groups, argon2id hashes of passwords) and locks a name after
failed logins.

Knows the tables ``users`` and ``attempts``. Does not know sessions, pages or what a role may do
(``kgrag.people.rights``).
"""

from __future__ import annotations

import re
import secrets
import threading
import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from kgrag.catalogue import Catalogue
from kgrag.catalogue import schema_people as t
from kgrag.errors import KgragError, NotFound, TooMany, UsageError
from kgrag.people.devices import known_device
from kgrag.people.pseudonyms import pseudonym
from kgrag.people.rights import ROLES, Person

MIN_PASSWORD, MAX_PASSWORD = 10, 1024
MAX_FAILED, MAX_ANYWHERE = 5, 50
"""Attempts that may fail under a name from one address or in one known browser, and from all other ones."""
LOCKED_S = 900.0
_NAME = re.compile(r"[^\W_][\w.@+\- ]{0,63}")
_GROUP = re.compile(r"[\w.@+\-]{1,64}")
_HASHING = threading.Semaphore(2)
"""A hash takes 64 MiB: no more than two at a time, however many people log in."""


class LoginFailed(KgragError):
    """Name and password do not belong together; which of them is wrong is not told."""


@dataclass(frozen=True, slots=True)
class User:
    """A user as an admin sees them; no password, no hash."""

    id: str
    name: str
    role: str
    groups: tuple[str, ...]
    disabled: bool
    created: str
    by_password: bool
    issuer: str | None = None

    @property
    def person(self) -> Person:
        """Who they are for everything that asks for rights."""
        return Person(self.id, self.name, self.role, self.groups)


class Users:
    """See the module.

    Args:
        catalogue: of the library.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def add(
        self,
        name: str,
        role: str,
        password: str | None = None,
        groups: Sequence[str] = (),
        issuer: str | None = None,
        subject: str | None = None,
    ) -> User:
        """Make a user; without a password they can only come through OIDC.

        Raises:
            UsageError: the name is taken or not a name, no such role, or the password is too short.
        """
        name, _ = _checked_name(name), _checked_role(role)
        row = {
            "id": "u-" + secrets.token_hex(8),
            "name": name,
            "password": None if password is None else _hashed(password),
            "role": role,
            "groups": _checked_groups(groups),
            "disabled": 0,
            "created": datetime.now(UTC).date().isoformat(),
            "issuer": issuer,
            "subject": subject,
        }
        try:
            with self.catalogue.writing() as connection:
                connection.execute(insert(t.users).values(row))
        except IntegrityError as error:
            raise UsageError(f"There is a user '{name}' already. See: kgrag users list") from error
        return self.get(name)

    def list(self) -> list[User]:
        """Everybody, by name."""
        return [_user(row) for row in self.catalogue.rows(select(t.users).order_by(t.users.c.name))]

    def get(self, name: str) -> User:
        """One user by name.

        Raises:
            NotFound: no such user.
        """
        return _user(self._row(name))

    def by_subject(self, issuer: str, subject: str) -> User | None:
        """The user with this subject at an OIDC provider."""
        rows = self.catalogue.rows(
            select(t.users).where(t.users.c.issuer == issuer, t.users.c.subject == subject)
        )
        return _user(rows[0]) if rows else None

    def from_provider(self, issuer: str, subject: str, name: str, role: str, groups: Sequence[str]) -> User:
        """The user of an OIDC provider, made where there is none, with role and groups as the provider says
        now.

        Args:
            issuer, subject: who they are there; a user of the same name who comes by a password is somebody
                else.
            name: as the provider calls them; with a number behind it where it is taken.
            role, groups: what they are from now on; groups that cannot be written here are left out.
        """
        known = [group for group in groups if _GROUP.fullmatch(group)]
        user = self.by_subject(issuer, subject)
        if user is None:
            return self.add(self._free_name(name), role, None, known, issuer, subject)
        if user.role != role:
            self.set_role(user.name, role)
        if set(user.groups) != set(known):
            self.set_groups(user.name, known)
        return self.get(user.name)

    def _free_name(self, name: str) -> str:
        plain = re.sub(r"^[\W_]+", "", re.sub(r"[^\w.@+\- ]", "", _plain(name)))[:56].strip() or "user"
        taken = {user.name for user in self.list()}
        return (
            plain
            if plain not in taken
            else next(f"{plain} {n}" for n in range(2, len(taken) + 3) if f"{plain} {n}" not in taken)
        )

    def has_admin(self) -> bool:
        """Whether anybody can come in as an admin."""
        u = t.users.c
        return bool(
            self.catalogue.rows(
                select(func.count()).select_from(t.users).where(u.role == "admin", u.disabled == 0)
            )[0][0]
        )

    def set_password(self, name: str, password: str) -> None:
        """Give a new password; every session of theirs ends, and a lock is lifted."""
        self._change(name, {"password": _hashed(password)}, end_sessions=True)
        self.unlock(name)

    def set_role(self, name: str, role: str) -> None:
        """Give another role; it holds from their next request on."""
        self._keep_an_admin(name, goes=role != "admin")
        self._change(name, {"role": _checked_role(role)})

    def set_groups(self, name: str, groups: Sequence[str]) -> None:
        """Say which groups they belong to."""
        self._change(name, {"groups": _checked_groups(groups)})

    def set_disabled(self, name: str, disabled: bool) -> None:
        """Bar a name from logging in, or let it in again; its sessions end at once."""
        self._keep_an_admin(name, goes=disabled)
        self._change(name, {"disabled": int(disabled)}, end_sessions=disabled)

    def delete(self, name: str) -> None:
        """Remove a user; what they asked is forgotten by ``kgrag.people.history.forget``, which callers call
        first.
        """
        self._keep_an_admin(name, goes=True)
        user_id = self._row(name).id
        with self.catalogue.writing() as connection:
            connection.execute(delete(t.sessions).where(t.sessions.c.user_id == user_id))
            connection.execute(delete(t.users).where(t.users.c.id == user_id))
        self.unlock(name)

    def verify(self, name: str, password: str, *, address: str = "", device: str = "") -> User:
        """The user, if the password is theirs.

        Wrong names and wrong passwords are told, timed and counted alike. The attempt is counted before it is
        judged, so that many at once are not more than many after each other.

        Args:
            name, password: as they were typed.
            address: where they were typed; what is guessed there locks the name there.
            device: the browser's cookie of ``kgrag.people.devices``; a browser that is known has attempts of
                its own, so that nobody is locked out by what others guess.

        Raises:
            LoginFailed: name and password do not belong together.
            TooMany: too many have failed for this name; also where the password would be right.
        """
        name = _plain(name)[:MAX_PASSWORD]
        kinds = self._kinds(name, address, device)
        self._reserve(kinds)
        rows = self.catalogue.rows(select(t.users).where(t.users.c.name == name))
        stored = rows[0].password if rows and rows[0].password else _dummy()
        right = (
            _matches(stored, password)
            and bool(rows)
            and rows[0].password is not None
            and not rows[0].disabled
        )
        if not right:
            raise LoginFailed(
                "Name and password do not belong together. Ask an admin for a new password: kgrag users"
                " passwd NAME"
            )
        self._give_back(kinds)
        return _user(rows[0])

    def unlock(self, name: str) -> None:
        """Forget failed attempts under a name, wherever they were made."""
        a, own = t.attempts.c.name_hash, self._attempt(name)
        with self.catalogue.writing() as connection:
            connection.execute(delete(t.attempts).where((a == own) | a.startswith(f"{own}:")))

    def _attempt(self, name: str, where: str = "") -> str:
        own = pseudonym(self.catalogue.folder, _plain(name), "attempt")
        return f"{own}:{pseudonym(self.catalogue.folder, where, 'attempt')}" if where else own

    def _kinds(self, name: str, address: str, device: str) -> dict[str, int]:
        """Under what an attempt is counted, and how many of each may fail."""
        known = known_device(self.catalogue.folder, name, device)
        if known:
            return {self._attempt(name, f"device {known}"): MAX_FAILED}
        if not address:
            return {self._attempt(name): MAX_FAILED}
        return {self._attempt(name, f"from {address}"): MAX_FAILED, self._attempt(name): MAX_ANYWHERE}

    def _reserve(self, kinds: Mapping[str, int]) -> None:
        """Count an attempt before it is judged, in one transaction with the look at those before.

        Raises:
            TooMany: with when to come again.
        """
        now, a = time.time(), t.attempts.c
        with self.catalogue.writing() as connection:
            connection.execute(delete(t.attempts).where(a.last < now - LOCKED_S))
            rows = connection.execute(select(t.attempts).where(a.name_hash.in_(kinds))).all()
            left = [row.last + LOCKED_S - now for row in rows if row.failed >= kinds[row.name_hash]]
            if left:
                raise TooMany(
                    f"Too many failed logins under this name. Try again in {max(left) / 60:.0f} minutes, or"
                    " ask an admin: kgrag users unlock NAME",
                    max(left),
                )
            there = {row.name_hash for row in rows}
            for kind in kinds:
                if kind in there:
                    one = update(t.attempts).where(a.name_hash == kind)
                    connection.execute(one.values(failed=a.failed + 1, last=now))
                else:
                    connection.execute(insert(t.attempts).values(name_hash=kind, failed=1, last=now))

    def _give_back(self, kinds: Mapping[str, int]) -> None:
        """The attempt was right: here the count begins anew, of all that were made anywhere one goes."""
        a = t.attempts.c
        with self.catalogue.writing() as connection:
            for kind, most in kinds.items():
                if most == MAX_FAILED:
                    connection.execute(delete(t.attempts).where(a.name_hash == kind))
                else:
                    one = update(t.attempts).where(a.name_hash == kind)
                    connection.execute(one.values(failed=a.failed - 1))

    def _keep_an_admin(self, name: str, *, goes: bool) -> None:
        """Refuse to leave the library without an admin who could change anything again."""
        admins = [user.name for user in self.list() if user.role == "admin" and not user.disabled]
        if goes and admins == [_plain(name)]:
            raise UsageError(
                f"'{name}' is the only admin. Make another first: kgrag users add --role admin NAME"
            )

    def _change(self, name: str, values: dict[str, Any], *, end_sessions: bool = False) -> None:
        user_id = self._row(name).id
        with self.catalogue.writing() as connection:
            connection.execute(update(t.users).where(t.users.c.id == user_id).values(values))
            if end_sessions:
                connection.execute(delete(t.sessions).where(t.sessions.c.user_id == user_id))

    def _row(self, name: str) -> Any:
        rows = self.catalogue.rows(select(t.users).where(t.users.c.name == _plain(name)))
        if not rows:
            raise NotFound(f"No user '{name}'. List them: kgrag users list")
        return rows[0]


def _user(row: Any) -> User:
    return User(
        row.id,
        row.name,
        row.role,
        tuple(row.groups),
        bool(row.disabled),
        row.created,
        row.password is not None,
        row.issuer,
    )


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip()


def _checked_name(name: str) -> str:
    plain = _plain(name)
    if not _NAME.fullmatch(plain):
        raise UsageError(
            f"'{name}' is no user name: begin with a letter or digit, then up to 63 letters, digits, spaces"
            " or . _ - @ +"
        )
    return plain


def _checked_role(role: str) -> str:
    if role not in ROLES:
        raise UsageError(f"No role '{role}' (found: {', '.join(ROLES)}).")
    return role


def _checked_groups(groups: Sequence[str]) -> list[str]:
    if wrong := [group for group in groups if not _GROUP.fullmatch(group)]:
        raise UsageError(f"'{wrong[0]}' is no group: 1 to 64 letters, digits or . _ - @ +")
    return sorted(set(groups))


def _hashed(password: str) -> str:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise UsageError(
            f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters; this one has {len(password)}."
        )
    with _HASHING:
        return str(_hasher().hash(password))


def _matches(stored: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        with _HASHING:
            return bool(_hasher().verify(stored, password[:MAX_PASSWORD]))
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _hasher() -> Any:
    """Argon2id with the package's defaults (RFC 9106, low memory)."""
    from argon2 import PasswordHasher

    return PasswordHasher()


@lru_cache(maxsize=1)
def _dummy() -> str:
    """What an unknown name's password is compared with, so that it takes as long."""
    return str(_hasher().hash(secrets.token_hex()))
