CREATE TABLE revocations (
    tenant     TEXT    NOT NULL,
    kind       INTEGER NOT NULL, -- 1 the tokens of a jti, 2 of a user, 3 of the tenant
    subject    TEXT    NOT NULL, -- the jti or the user's id; empty for the tenant
    id         TEXT    NOT NULL,
    revoked_at INTEGER NOT NULL, -- milliseconds since the Unix epoch
    expires_at INTEGER,          -- likewise; NULL: kept until it is deleted
    reason     TEXT,
    PRIMARY KEY (tenant, kind, subject)
) STRICT, WITHOUT ROWID;
