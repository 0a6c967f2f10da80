-- From version 1, which had the lane among the columns of a subscription.
ALTER TABLE subscriptions ADD COLUMN slow BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN refusals BIGINT NOT NULL DEFAULT 0;
CREATE INDEX subscriptions_ended ON subscriptions (ended_at) WHERE state = 2;
CREATE INDEX deliveries_dead ON deliveries (sub_pk) WHERE state = 2;
CREATE TABLE IF NOT EXISTS gate (lock BIGINT);
CREATE TABLE lanes (
	sub_pk      BIGINT PRIMARY KEY,
	due_at      BIGINT NOT NULL,
	node        TEXT,
	lease_until BIGINT
) WITH (fillfactor = 70);
CREATE INDEX lanes_due ON lanes (due_at);
INSERT INTO lanes (sub_pk, due_at) SELECT pk, due_at FROM subscriptions WHERE state = 0 AND due_at IS NOT NULL;
DROP INDEX subscriptions_due;
ALTER TABLE subscriptions DROP COLUMN due_at;
ALTER TABLE subscriptions DROP COLUMN node;
ALTER TABLE subscriptions DROP COLUMN lease_until;
