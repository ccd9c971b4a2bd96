-- "LEVE": marks the file as ours, so that no other database is ever taken for one.
PRAGMA application_id = 0x4C455645;

CREATE TABLE documents (
    id         INTEGER PRIMARY KEY,
    tenant     TEXT    NOT NULL,
    document   TEXT    NOT NULL,
    created_at INTEGER NOT NULL, -- milliseconds since the Unix epoch
    initial_sn INTEGER NOT NULL,
    last_sn    INTEGER NOT NULL, -- the fence: an append moves it from exactly one below its first message
    UNIQUE (tenant, document)
) STRICT;

-- Apart from the row that every append updates.
CREATE TABLE initial_states (
    document_id INTEGER PRIMARY KEY,
    state       BLOB    NOT NULL
) STRICT;

-- One row per message, clustered by document and number: a page of deltas is one contiguous scan.
CREATE TABLE ops (
    document_id INTEGER NOT NULL,
    sn          INTEGER NOT NULL,
    json        BLOB    NOT NULL,
    PRIMARY KEY (document_id, sn)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    document_id INTEGER PRIMARY KEY,
    sn          INTEGER NOT NULL,
    state       BLOB    NOT NULL
) STRICT;

-- With a rowid: ids are random, so a tree clustered by them would drag contents along when it splits. Here the index holds the
-- ids alone, and a content larger than a page is a chain of its own that only its own reader touches.
CREATE TABLE objects (
    tenant  TEXT    NOT NULL,
    sha     BLOB    NOT NULL,
    kind    INTEGER NOT NULL, -- git's pack types: 1 commit, 2 tree, 3 blob
    content BLOB    NOT NULL,
    PRIMARY KEY (tenant, sha)
) STRICT;

CREATE TABLE refs (
    tenant TEXT NOT NULL,
    name   TEXT NOT NULL,
    sha    BLOB NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
    id      TEXT PRIMARY KEY NOT NULL,
    name    TEXT NOT NULL,
    secret1 BLOB NOT NULL, -- encrypted
    secret2 BLOB NOT NULL  -- encrypted
) STRICT, WITHOUT ROWID;
