ALTER TABLE subscriptions ADD COLUMN slow BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN refusals BIGINT NOT NULL DEFAULT 0;
CREATE INDEX subscriptions_ended ON subscriptions (ended_at) WHERE state = 2;
CREATE INDEX deliveries_dead ON deliveries (sub_pk) WHERE state = 2;
CREATE TABLE IF NOT EXISTS gate (lock BIGINT);
