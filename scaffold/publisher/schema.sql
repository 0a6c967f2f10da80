-- Times are Unix milliseconds. This is PostgreSQL's; sqlite of dialect.go says
-- what SQLite has instead.
CREATE TABLE meta (name TEXT PRIMARY KEY, value BYTEA NOT NULL);

CREATE TABLE gate (lock BIGINT); -- locked on PostgreSQL: dialect.adding and leaving

CREATE TABLE subscriptions (
	pk            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id_hash       BYTEA NOT NULL UNIQUE, -- SHA-256 of the id in Location, which is a capability
	trigger_id    TEXT NOT NULL,
	principal     TEXT NOT NULL,
	callback      BYTEA NOT NULL,        -- sealed when there is a key
	callback_hash BYTEA NOT NULL,        -- keyed, to find twins
	host          TEXT NOT NULL,
	params        TEXT NOT NULL,
	params_hash   BYTEA NOT NULL,
	once          BIGINT NOT NULL,
	state         BIGINT NOT NULL DEFAULT 0, -- 0 active, 1 disabled, 2 gone
	reason        TEXT NOT NULL DEFAULT '',
	created_at    BIGINT NOT NULL,
	ended_at      BIGINT,
	fails         BIGINT NOT NULL DEFAULT 0,
	failing_since BIGINT,
	slow          BIGINT NOT NULL DEFAULT 0 -- 1: its last answer took long
);
CREATE INDEX subscriptions_trigger ON subscriptions (trigger_id, state);
CREATE INDEX subscriptions_twin ON subscriptions (callback_hash);
CREATE INDEX subscriptions_ended ON subscriptions (ended_at) WHERE state = 2;

CREATE TABLE lanes ( -- of the active subscriptions that have work: a narrow table, as each event writes to it
	sub_pk      BIGINT PRIMARY KEY,
	due_at      BIGINT NOT NULL,
	node        TEXT,  -- who holds it; in no index, so that a claim is written in place (heap-only tuples)
	lease_until BIGINT
) WITH (fillfactor = 70);
CREATE INDEX lanes_due ON lanes (due_at);

CREATE TABLE events (
	seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id         TEXT NOT NULL UNIQUE,
	trigger_id TEXT NOT NULL,
	body_hash  BYTEA NOT NULL,
	body       BYTEA NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX events_trigger ON events (trigger_id, seq);
CREATE INDEX events_created ON events (created_at);

CREATE TABLE deliveries (
	id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	event_seq   BIGINT NOT NULL,
	sub_pk      BIGINT NOT NULL,
	state       BIGINT NOT NULL,       -- 0 pending, 1 done, 2 dead, 3 cancelled
	attempt     BIGINT NOT NULL DEFAULT 0,
	refusals    BIGINT NOT NULL DEFAULT 0, -- of attempt, those that the subscriber did not want
	due_at      BIGINT NOT NULL,
	last_status BIGINT NOT NULL DEFAULT 0,
	error_class TEXT NOT NULL DEFAULT '',
	finished_at BIGINT,
	UNIQUE (event_seq, sub_pk)
);
CREATE INDEX deliveries_pending ON deliveries (sub_pk, due_at, id) WHERE state = 0;
CREATE INDEX deliveries_dead ON deliveries (sub_pk) WHERE state = 2;
CREATE INDEX deliveries_finished ON deliveries (state, finished_at) WHERE state > 0;
