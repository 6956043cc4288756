"""sqlite_utils without pandas, which it loads where it finds it, only to know its types: a third of a second at each
start. The extra `markets` brings pandas, and loads it when it needs it."""

from retrieval.runtime.optional_imports import without

with without("pandas"):
    from sqlite_utils import Database, Migrations

__all__ = ["Database", "Migrations"]
