"""Acts of an admin on people: users, collections, switches, and what is kept of somebody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kgrag.desk.counter import Counter
from kgrag.errors import NotFound, UsageError
from kgrag.people.history import delete_user, forget, purge
from kgrag.people.rights import Collection
from kgrag.people.users import User, Users


class People(Counter):
    """See the module. Users are given by name; errors are those of ``kgrag.people``."""

    @property
    def _users(self) -> Users:
        return Users(self.library.catalogue)

    # -- users --------------------------------------------------------------------------------------

    def users(self) -> list[User]:
        """Everybody, by name."""
        self.require("users")
        return self._users.list()

    def user(self, name: str) -> User:
        """One user.

        Raises:
            NotFound: no such user.
        """
        self.require("users")
        return self._users.get(name)

    def user_with_id(self, user_id: str) -> User:
        """One user by the id that logs keep.

        Raises:
            NotFound: no such user.
        """
        found = next((user for user in self.users() if user.id == user_id), None)
        if found is None:
            raise NotFound("No such user; somebody may have deleted them. See: kgrag users list")
        return found

    def add_user(
        self, name: str, role: str, *, password: str | None = None, groups: Sequence[str] = ()
    ) -> User:
        """Make a user; without a password they can only come through OIDC."""
        return self._noted(
            "users",
            "user-added",
            lambda user: user.id,
            lambda: self._users.add(name, role, password, groups),
        )

    def set_password(self, name: str, password: str) -> None:
        """Give a new password; every session of theirs ends."""
        self._change(name, "password-changed", lambda: self._users.set_password(name, password))

    def set_role(self, name: str, role: str) -> None:
        """Give another role; it holds at once."""
        self._change(name, f"role-{role}", lambda: self._users.set_role(name, role))

    def set_groups(self, name: str, groups: Sequence[str]) -> None:
        """Say which groups they belong to."""
        self._change(name, "groups-changed", lambda: self._users.set_groups(name, groups))

    def set_disabled(self, name: str, disabled: bool) -> None:
        """Let somebody in no more, or again; their sessions end at once."""
        self._change(
            name,
            "user-disabled" if disabled else "user-enabled",
            lambda: self._users.set_disabled(name, disabled),
        )

    def unlock(self, name: str) -> None:
        """Forget failed logins under a name, which need not be a user's."""
        self.require("users")
        found = next((user.id for user in self._users.list() if user.name == name), "")
        self._noted("users", "user-unlocked", found, lambda: self._users.unlock(name))

    def forget_user(self, name: str) -> int:
        """Erase what somebody asked, everywhere; they stay a user. Returns how many questions those were."""
        user = self.user(name)
        return self._noted("users", "history-forgotten", user.id, lambda: forget(self.library, user.person))

    def delete_user(self, name: str) -> None:
        """Erase what somebody asked, and the user; the log keeps an id that then names nobody."""
        user = self.user(name)
        self._noted("users", "user-deleted", user.id, lambda: delete_user(self.library, user))

    def purge_history(self) -> int:
        """Forget who asked what longer ago than ``history_days``; returns how many links went."""
        return self._noted("users", "history-purged", str, lambda: purge(self.library))

    def _change(self, name: str, action: str, work: Callable[[], None]) -> None:
        """Change a user under their id, since the log holds no names."""
        self._noted("users", action, self.user(name).id, work)

    # -- what people see ----------------------------------------------------------------------------

    def switch(self, what: str, role: str, *, on: bool) -> None:
        """Turn something on or off for a role: one of ``SWITCHES``, or ``collection:NAME``."""
        self._noted(
            "users",
            f"switch-{'on' if on else 'off'}",
            f"{what} {role}",
            lambda: self.rights.set_switch(what, role, on),
        )

    def set_collection(
        self,
        name: str,
        patterns: Sequence[str] = (),
        *,
        documents: Sequence[str] = (),
        groups: Sequence[str] = (),
        shows_records: bool = False,
        may_be_empty: bool = False,
    ) -> Collection:
        """Make a collection, or give one other contents or groups.

        Args:
            name, patterns, documents, groups, shows_records: as ``Rights.set_collection``.
            may_be_empty: whether its documents are yet to come; else a collection without any, which would
                hide nothing, is refused.

        Raises:
            UsageError: no document is in it; nothing is changed.
        """

        def make() -> Collection:
            made = self.rights.set_collection(name, patterns, documents, groups, shows_records=shows_records)
            if not made.n_documents and not may_be_empty:
                raise UsageError(
                    f"No document of this library is in '{name}': its patterns and ids fit none, so it would"
                    f" hide nothing.{self._a_path()} For documents that are yet to come: --empty"
                )
            return made

        return self._noted("users", "collection-set", name, make)

    def _a_path(self) -> str:
        """How a source path looks here, as an example."""
        found = next(iter(self.library.catalogue.documents("", 1)), None)
        return f" Source paths look like '{found.record.source.path}'." if found else ""

    def delete_collection(self, name: str) -> None:
        """Remove a collection; its documents stay."""
        self._noted("users", "collection-removed", name, lambda: self.rights.delete_collection(name))
