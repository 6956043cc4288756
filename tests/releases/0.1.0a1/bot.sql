BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'journal','m001_questions','2026-11-23 08:31:47.679886+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'journal','m002_conversation','2026-11-23 08:31:47.681077+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'people','m001_preferences','2026-11-23 08:31:47.683659+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'subscriptions','m001_subscriptions','2026-11-23 08:31:47.687748+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'subscriptions','m002_outbox','2026-11-23 08:31:47.690891+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'access','m001_admitted','2026-11-23 08:31:47.694170+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'inbox','m001_inbox','2026-11-23 08:31:47.696223+00:00');
CREATE TABLE "admitted" (
   "id" INTEGER PRIMARY KEY,
   "name" TEXT,
   "by" INTEGER,
   "at" TEXT
);
CREATE TABLE alarms (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE chapters (
            id INTEGER PRIMARY KEY AUTOINCREMENT, before INTEGER NOT NULL, told TEXT NOT NULL,
            created_at INTEGER NOT NULL, UNIQUE (before, told));
CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, chat_id INTEGER NOT NULL,
            thread_id INTEGER NOT NULL, language TEXT NOT NULL, quiet INTEGER NOT NULL, reply_to INTEGER,
            due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, local_on TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE "feedback" (
   "question" INTEGER,
   "user_id" INTEGER,
   "point" TEXT,
   "reason" TEXT,
   "at" TEXT,
   PRIMARY KEY ("question", "user_id", "point")
);
INSERT INTO "feedback" VALUES(1836491105894883007,42,'82a1b8d0c2615bfd','wrong','2026-11-23T08:31:47.676+00:00');
CREATE TABLE "inbox" (
   "id" INTEGER PRIMARY KEY,
   "received" REAL,
   "content" TEXT,
   "tries" INTEGER,
   "done" REAL
);
INSERT INTO "inbox" VALUES(9001,1751414400.0,'{"update_id": 9001, "message": {"message_id": 5, "date": 1751414400, "chat": {"id": 42, "type": "private"}, "from": {"id": 42, "is_bot": false, "first_name": "x"}, "text": "怀柔?"}}',0,NULL);
CREATE TABLE "invitations" (
   "code" TEXT PRIMARY KEY,
   "by" INTEGER,
   "at" TEXT
);
CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            delivery INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE, part INTEGER NOT NULL,
            page INTEGER NOT NULL REFERENCES pages (id), state TEXT NOT NULL, attempts INTEGER NOT NULL,
            not_before INTEGER NOT NULL, message_id INTEGER, error TEXT NOT NULL, changed_at INTEGER NOT NULL,
            UNIQUE (delivery, part));
CREATE TABLE moved (
            delivery INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE, subscription INTEGER NOT NULL,
            mark INTEGER NOT NULL, history INTEGER NOT NULL, served_at INTEGER, served_on TEXT,
            new_mark INTEGER NOT NULL, new_history INTEGER NOT NULL,
            PRIMARY KEY (delivery, subscription)) WITHOUT ROWID;
CREATE TABLE pages (id INTEGER PRIMARY KEY AUTOINCREMENT, html TEXT NOT NULL UNIQUE);
CREATE TABLE "preferences" (
   "owner" INTEGER PRIMARY KEY,
   "language" TEXT,
   "hour" TEXT,
   "zone" TEXT
);
CREATE TABLE "questions" (
   "id" INTEGER PRIMARY KEY,
   "asked_at" TEXT,
   "place" TEXT,
   "user_id" INTEGER,
   "chat_id" INTEGER,
   "thread_id" INTEGER,
   "text" TEXT,
   "language" TEXT,
   "verdict" TEXT,
   "points" TEXT,
   "milliseconds" REAL
, "searched" TEXT, "message_id" INTEGER, "answer_id" INTEGER);
INSERT INTO "questions" VALUES(1836491105894883007,'2025-07-02T00:00:00.000+00:00','private',42,42,NULL,'怀柔有多少实验室','zh','answer','["82a1b8d0c2615bfd"]',3.5,NULL,NULL,NULL);
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
INSERT INTO "subscriptions" VALUES(1,42,0,42,'','topic','原始创新','zh','daily','07:30','Asia/Shanghai',0,0,NULL,0,1751500800,0,0,NULL,NULL,1751414400,0,NULL,1751414400);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX "idx_questions_asked_at"
    ON "questions" ("asked_at");
CREATE INDEX "idx_questions_user_id"
    ON "questions" ("user_id");
CREATE INDEX "idx_questions_chat_id_message_id"
    ON "questions" ("chat_id", "message_id");
CREATE INDEX "idx_questions_chat_id_answer_id"
    ON "questions" ("chat_id", "answer_id");
CREATE INDEX "idx_feedback_user_id"
    ON "feedback" ("user_id");
CREATE INDEX subscriptions_due ON subscriptions (next_at) WHERE paused IS NULL;
CREATE INDEX subscriptions_at_once ON subscriptions (checked) WHERE at_once AND paused IS NULL;
CREATE INDEX subscriptions_user ON subscriptions (user_id);
CREATE INDEX deliveries_chat ON deliveries (chat_id);
CREATE INDEX messages_open ON messages (not_before) WHERE state = 'waiting';
CREATE INDEX messages_state ON messages (state, changed_at);
CREATE INDEX moved_subscription ON moved (subscription);
CREATE INDEX "idx_inbox_done"
    ON "inbox" ("done");
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('subscriptions',1);
COMMIT;
