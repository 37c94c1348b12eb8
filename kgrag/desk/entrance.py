"""Lets people in and out: logins that succeed or fail, sessions opened and ended, the first admin.

Here nobody acts with a right yet, so there is no ``Desk``; lines are written as for every act.
"""

from __future__ import annotations

from kgrag.catalogue import Catalogue
from kgrag.catalogue.audit import log_security
from kgrag.desk.refusals import refusals_of
from kgrag.people.rights import LOCAL, Person
from kgrag.people.sessions import Sessions
from kgrag.people.users import User, Users

NOBODY = "nobody"


class Entrance:
    """See the module.

    Args:
        catalogue: of the library.
        hours: how long a session lasts.
    """

    def __init__(self, catalogue: Catalogue, hours: float) -> None:
        self.catalogue = catalogue
        self.users, self.sessions = Users(catalogue), Sessions(catalogue, hours)
        self.refusals = refusals_of(catalogue)

    def enter(self, person: Person) -> str:
        """Open a session; returns its token, which is told only once."""
        with self.catalogue.writing() as connection:
            token = self.sessions.open(person)
            log_security(connection, person.id, "login")
        return token

    def leave(self, person: Person, token: str) -> None:
        """End a session."""
        with self.catalogue.writing() as connection:
            self.sessions.close(token)
            log_security(connection, person.id, "logout")

    def note_failed(self, how: str = "") -> None:
        """Note that somebody was not let in, by a password or ``how``."""
        self.refusals.note(NOBODY, how, "login-failed")

    def note_refused(self) -> None:
        """Note that somebody tried too often."""
        self.refusals.note(NOBODY, "", "login-refused")

    def add_first_admin(self, name: str, password: str) -> User:
        """Make the library's first admin, at the wish of whoever sits at the machine.

        Raises:
            UsageError: the name is taken or no name, or the password is too short.
        """
        with self.catalogue.writing() as connection:
            user = self.users.add(name, "admin", password)
            log_security(connection, LOCAL.id, "user-added", user.id)
        return user
