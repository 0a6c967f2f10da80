-- Before, the lane was among the columns of a subscription.
CREATE TABLE lanes (
	sub_pk      BIGINT PRIMARY KEY,
	due_at      BIGINT NOT NULL,
	node        TEXT,
	lease_until BIGINT
) WITH (fillfactor = 70);
CREATE INDEX lanes_due ON lanes (due_at);
INSERT INTO lanes (sub_pk, due_at) SELECT pk, due_at FROM subscriptions WHERE state = 0 AND due_at IS NOT NULL;
DROP INDEX subscriptions_due;
DROP INDEX IF EXISTS subscriptions_principal;
ALTER TABLE subscriptions DROP COLUMN due_at;
ALTER TABLE subscriptions DROP COLUMN node;
ALTER TABLE subscriptions DROP COLUMN lease_until;
