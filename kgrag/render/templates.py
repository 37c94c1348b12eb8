"""Fills HTML templates that lie beside the code of a package; what comes from data is escaped.

Knows Jinja2 and where packages keep their files. Does not know what any template shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup


class _Environment(Environment):
    """Jinja's, which looks into a mapping first: the usual way asks for an attribute and fails."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What a template means by ``obj.attribute``."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class Templates:
    """The templates of one package, each compiled once.

    Args:
        package: its name; the templates lie in its folder ``templates``.
        filters: functions that the templates call by ``value|name``.
    """

    def __init__(
        self, package: str, filters: Mapping[str, Callable[..., Any]] = MappingProxyType({})
    ) -> None:
        self._environment = _Environment(
            loader=FileSystemLoader(str(files(package) / "templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self._environment.filters.update(filters)

    def page(self, file: str, **values: object) -> Markup:
        """A template as a whole.

        Args:
            file: its name in the folder.
            values: what it names; a name that is missing is an error.
        """
        filled = self._get(file).render(values).strip() + "\n"
        return Markup(filled)  # noqa: S704 - the template has escaped the values

    def part(self, file: str, macro: str, *given: object, **values: object) -> Markup:
        """One macro of a template.

        Args:
            file: the template's name in the folder.
            macro: the macro's name.
            given: its arguments.
            values: its arguments by name.
        """
        made: Markup = getattr(self._get(file).module, macro)(*given, **values)
        return made

    def _get(self, file: str) -> Template:
        return self._environment.get_template(file)


@cache
def file_of(package: str, path: str) -> Markup:
    """A style sheet or script that lies beside the code, as it is.

    Args:
        package: the package's name.
        path: from the package's folder, such as ``static/kgrag.css``.
    """
    return Markup((files(package) / path).read_text("utf-8"))  # noqa: S704 - our own file
