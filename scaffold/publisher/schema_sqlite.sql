-- Times are Unix milliseconds. docs: package comment of publisher.
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);

CREATE TABLE subscriptions (
	pk            INTEGER PRIMARY KEY AUTOINCREMENT,
	id_hash       BLOB NOT NULL UNIQUE, -- SHA-256 of the id in Location, which is a capability
	trigger_id    TEXT NOT NULL,
	principal     TEXT NOT NULL,
	callback      BLOB NOT NULL,        -- sealed when there is a key
	callback_hash BLOB NOT NULL,        -- keyed, to find twins
	host          TEXT NOT NULL,
	params        TEXT NOT NULL,
	params_hash   BLOB NOT NULL,
	once          INTEGER NOT NULL,
	state         INTEGER NOT NULL DEFAULT 0, -- 0 active, 1 disabled, 2 gone
	reason        TEXT NOT NULL DEFAULT '',
	created_at    INTEGER NOT NULL,
	ended_at      INTEGER,
	fails         INTEGER NOT NULL DEFAULT 0,
	failing_since INTEGER,
	slow          INTEGER NOT NULL DEFAULT 0, -- 1: its last answer took long
	due_at        INTEGER,              -- the lane: when it has work; NULL while idle, never while held
	node          TEXT,                 -- who holds it
	lease_until   INTEGER
);
CREATE INDEX subscriptions_due ON subscriptions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX subscriptions_trigger ON subscriptions (trigger_id, state);
CREATE INDEX subscriptions_twin ON subscriptions (callback_hash);

CREATE TABLE events (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	id         TEXT NOT NULL UNIQUE,
	trigger_id TEXT NOT NULL,
	body_hash  BLOB NOT NULL,
	body       BLOB NOT NULL,
	created_at INTEGER NOT NULL
);
CREATE INDEX events_trigger ON events (trigger_id, seq);
CREATE INDEX events_created ON events (created_at);

CREATE TABLE deliveries (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	event_seq   INTEGER NOT NULL,
	sub_pk      INTEGER NOT NULL,
	state       INTEGER NOT NULL,       -- 0 pending, 1 done, 2 dead, 3 cancelled
	attempt     INTEGER NOT NULL DEFAULT 0,
	due_at      INTEGER NOT NULL,
	last_status INTEGER NOT NULL DEFAULT 0,
	error_class TEXT NOT NULL DEFAULT '',
	finished_at INTEGER,
	UNIQUE (event_seq, sub_pk)
);
CREATE INDEX deliveries_pending ON deliveries (sub_pk, due_at, id) WHERE state = 0;
CREATE INDEX deliveries_finished ON deliveries (state, finished_at) WHERE state > 0;
