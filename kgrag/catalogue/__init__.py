"""The catalogue: tables, migrations, change feed."""

from kgrag.catalogue.store import Catalogue

__all__ = ["Catalogue"]
