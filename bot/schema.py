"""The schema of bot.db: all owners' migrations, applied together before the database is used."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.digest import migrations
from bot.ingestion import upload_log
from bot.language_model import budget, translation_store
from bot.page import sessions
from bot.question_log import record
from bot.transport import inbox_table
from bot.users import access_list, preferences
from feeds import registry
from retrieval.storage.inspection import inspect
from retrieval.storage.migrations import migrate
from retrieval.storage.store import DamagedDatabaseError, connect, creation_mark, marking_creation, naming_damage

log = logging.getLogger(__name__)

CHECK_SECONDS = 2.0  # at a start, for SQLite's check of bot.db

# Pending work, which a copy of the database would do a second time.
WORK_TABLES = ("inbox", "messages", "subscriptions", "feeds")
MIGRATION_OWNERS = (
    access_list.access_migrations,
    registry.feed_migrations,
    inbox_table.inbox_migrations,
    preferences.preference_migrations,
    sessions.page_migrations,
    record.question_migrations,
    upload_log.upload_migrations,
    migrations.subscription_migrations,
    budget.budget_migrations,
    translation_store.translation_migrations,
)


def upgrade(data: Path) -> None:
    """LaterVersionError if a later version has written, DamagedDatabaseError if the file is damaged.

    A full or read-only disk does not stop the start.
    """
    path = data / "bot.db"
    try:
        if path.exists():
            _check(path)
        with naming_damage(path), marking_creation(path), closing(connect(path)) as db:
            migrate(db, path, MIGRATION_OWNERS)
    except sqlite3.OperationalError as error:
        log.error("%s could not be migrated: %s", path, error)


def _check(path: Path) -> None:
    """An empty file beside a corpus was a full one once, unless its first start was cut off: begun anew, it would have
    forgotten everybody silently."""
    if path.stat().st_size == 0 and not path.with_name(f"{path.name}-wal").exists():
        if path.with_name("corpus.db").exists() and not creation_mark(path).exists():
            raise DamagedDatabaseError(path, "it is empty")
        return
    with naming_damage(path):
        health = inspect(path, MIGRATION_OWNERS, CHECK_SECONDS)
    if health.damage:
        raise DamagedDatabaseError(path, health.damage)


def drop_pending_work(data: Path) -> None:
    """Removes from a copy of bot.db, if there is one, everything the bot would act on by itself."""
    path = data / "bot.db"
    if not path.exists():
        return
    with closing(connect(path)) as db:
        for table in sorted(set(db.table_names()).intersection(WORK_TABLES)):
            db.table(table).delete_where()
