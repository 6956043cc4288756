BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'corpus','m001_documents','2026-11-23 08:31:46.636035+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'corpus','m002_tokens','2026-11-23 08:31:46.636749+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'corpus','m003_vectors','2026-11-23 08:31:46.637455+00:00');
CREATE TABLE centres (encoder TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
            key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, outlet TEXT NOT NULL,
            published TEXT NOT NULL, url TEXT, revision INTEGER NOT NULL, content TEXT NOT NULL);
INSERT INTO "documents" VALUES(1,'a4681b9d7606e089','怀柔新平台启用','新京报','2025-07-01T08:00+08:00','https://news.example/1',1,'ca44044011f7f7a1');
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "meta" VALUES('fingerprint','3 2592097c1be90405');
CREATE TABLE points (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
            position INTEGER NOT NULL, id TEXT NOT NULL, section TEXT NOT NULL, text TEXT NOT NULL,
            citations TEXT NOT NULL);
INSERT INTO "points" VALUES(1,1,0,'82a1b8d0c2615bfd','Platform','The Huairou platform opened 29 shared laboratories in June.','[2]');
INSERT INTO "points" VALUES(2,1,1,'a2314dc30edcd397','Platform','Its rents are half of those in the city.','[3]');
CREATE TABLE removed (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE titles (
            document INTEGER PRIMARY KEY REFERENCES documents (key) ON DELETE CASCADE, terms TEXT NOT NULL);
INSERT INTO "titles" VALUES(1,'怀柔 新 平台 启用');
CREATE TABLE tokens (
            point INTEGER PRIMARY KEY REFERENCES points (key) ON DELETE CASCADE,
            text TEXT NOT NULL, section TEXT NOT NULL);
INSERT INTO "tokens" VALUES(1,'the huairou platform open 29 share laboratori in june ~06','platform');
INSERT INTO "tokens" VALUES(2,'it rent are half of those in the citi 50%','platform');
CREATE TABLE tombstones (seq INTEGER PRIMARY KEY AUTOINCREMENT, point INTEGER NOT NULL);
CREATE TABLE topics (
            document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
            position INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (document, position)) WITHOUT ROWID;
INSERT INTO "topics" VALUES(1,0,'原始创新');
CREATE TABLE vectors (
            number INTEGER PRIMARY KEY AUTOINCREMENT, encoder TEXT NOT NULL, id TEXT NOT NULL, section TEXT NOT NULL,
            chinese INTEGER NOT NULL, vector BLOB NOT NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX documents_published ON documents (published);
CREATE INDEX topics_name ON topics (name);
CREATE UNIQUE INDEX points_document ON points (document, position);
CREATE TRIGGER points_deleted AFTER DELETE ON points
            BEGIN INSERT INTO tombstones (point) VALUES (old.key); END;
CREATE VIEW stored AS SELECT key, id, title, outlet, published, url, (
            SELECT json_group_array(name) FROM (SELECT name FROM topics WHERE document = key ORDER BY position)
        ) AS topics, content FROM documents;
CREATE UNIQUE INDEX vectors_point ON vectors (id, section, encoder);
CREATE INDEX points_id ON points (id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('documents',1);
INSERT INTO "sqlite_sequence" VALUES('tombstones',0);
INSERT INTO "sqlite_sequence" VALUES('points',2);
COMMIT;
