"""Migrations of bot.db that create the tables of subscriptions, outbox and delivery log."""

from retrieval.storage.sqlite import Database, Migrations

subscription_migrations = Migrations("subscriptions")


@subscription_migrations()
def m001_subscriptions(db: Database) -> None:
    db.executescript("""
        CREATE TABLE subscriptions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            chat_id INTEGER NOT NULL, thread_id INTEGER NOT NULL, user_id INTEGER, title TEXT NOT NULL,
            kind TEXT NOT NULL, subject TEXT NOT NULL, language TEXT NOT NULL,
            days TEXT NOT NULL, at TEXT NOT NULL, zone TEXT NOT NULL, quiet INTEGER NOT NULL,
            at_once INTEGER NOT NULL, reply_to INTEGER, checked INTEGER NOT NULL,
            next_at INTEGER, mark INTEGER NOT NULL, history INTEGER NOT NULL,
            served_at INTEGER, served_on TEXT, news_at INTEGER NOT NULL, silence_told INTEGER NOT NULL,
            paused TEXT, changed_at INTEGER NOT NULL,
            UNIQUE (chat_id, thread_id, kind, subject));
        CREATE INDEX subscriptions_due ON subscriptions (next_at) WHERE paused IS NULL;
        CREATE INDEX subscriptions_at_once ON subscriptions (checked) WHERE at_once AND paused IS NULL;
        CREATE INDEX subscriptions_user ON subscriptions (user_id);
    """)


@subscription_migrations()
def m002_outbox(db: Database) -> None:
    db.executescript("""
        CREATE TABLE chapters (
            id INTEGER PRIMARY KEY AUTOINCREMENT, before INTEGER NOT NULL, told TEXT NOT NULL,
            created_at INTEGER NOT NULL, UNIQUE (before, told));
        CREATE TABLE pages (id INTEGER PRIMARY KEY AUTOINCREMENT, html TEXT NOT NULL UNIQUE);
        CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, chat_id INTEGER NOT NULL,
            thread_id INTEGER NOT NULL, language TEXT NOT NULL, quiet INTEGER NOT NULL, reply_to INTEGER,
            due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, local_on TEXT NOT NULL, created_at INTEGER NOT NULL);
        CREATE INDEX deliveries_chat ON deliveries (chat_id);
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            delivery INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE, part INTEGER NOT NULL,
            page INTEGER NOT NULL REFERENCES pages (id), state TEXT NOT NULL, attempts INTEGER NOT NULL,
            not_before INTEGER NOT NULL, message_id INTEGER, error TEXT NOT NULL, changed_at INTEGER NOT NULL,
            UNIQUE (delivery, part));
        CREATE INDEX messages_open ON messages (not_before) WHERE state = 'waiting';
        CREATE INDEX messages_state ON messages (state, changed_at);
        CREATE TABLE moved (
            delivery INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE, subscription INTEGER NOT NULL,
            mark INTEGER NOT NULL, history INTEGER NOT NULL, served_at INTEGER, served_on TEXT,
            new_mark INTEGER NOT NULL, new_history INTEGER NOT NULL,
            PRIMARY KEY (delivery, subscription)) WITHOUT ROWID;
        CREATE INDEX moved_subscription ON moved (subscription);
        CREATE TABLE alarms (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
    """)


@subscription_migrations()
def m003_awaited_words(db: Database) -> None:
    db.execute("ALTER TABLE subscriptions ADD COLUMN awaited TEXT NOT NULL DEFAULT ''")
