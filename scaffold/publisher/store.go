package publisher

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Store keeps subscriptions, events and deliveries in SQLite or PostgreSQL.
type Store struct {
	dialect
	write, read *sql.DB
	file        string    // of SQLite
	hashKey     []byte    // of the callback hashes; one a database
	swept       time.Time // when events last were

	mu      sync.Mutex // SQLite: see together
	waiting []*change
	writing bool
	ready   map[string]*sql.Stmt // by query; nil: to be prepared
}

// States of a subscription.
const (
	active = iota
	disabled
	gone
)

var stateNames = [...]string{active: "active", disabled: "disabled", gone: "gone"}

// States of a delivery.
const (
	pending = iota
	done
	dead
	cancelled
)

// schemaVersion is what this program reads and writes. A change of schema.sql
// raises it, and adds the step from the version before: schema_VERSION.sql.
const schemaVersion = 3

// Open opens a database, and creates or migrates its schema: "file:NAME" is
// SQLite, "postgres://…" is PostgreSQL. A schema that a later program made is
// an error.
func Open(ctx context.Context, dsn string) (*Store, error) {
	s, err := connect(dsn)
	if err != nil {
		return nil, err
	}
	if err := s.transact(ctx, s.migrate); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return s, nil
}

// Close closes the connections.
func (s *Store) Close() error { return errors.Join(s.write.Close(), s.read.Close()) }

func (s *Store) migrate(t *tx) error {
	if err := t.gate(s.migrating); err != nil { // nodes that start together create it once
		return err
	}
	if exists, err := t.has("meta"); err != nil {
		return err
	} else if !exists {
		if _, err := t.Exec(s.sql.Replace(schema)); err != nil {
			return err
		}
		key := make([]byte, 32)
		_, _ = rand.Read(key) // never fails
		if _, err := t.exec("INSERT INTO meta (name, value) VALUES ('version', ?), ('hash key', ?)",
			[]byte(strconv.Itoa(schemaVersion)), key); err != nil {
			return err
		}
	}
	if err := t.upgrade(); err != nil {
		return err
	}
	return t.row("SELECT value FROM meta WHERE name = 'hash key'").Scan(&s.hashKey)
}

// has reports whether there is a table or an index of a name.
func (t *tx) has(name string) (exists bool, err error) {
	err = t.row(t.store.has, name).Scan(&exists)
	return exists, err
}

// upgrade brings the schema of an earlier program to ours, step by step.
func (t *tx) upgrade() error {
	var text []byte
	if err := t.row("SELECT value FROM meta WHERE name = 'version'").Scan(&text); err != nil {
		return err
	}
	version, err := strconv.Atoi(string(text))
	if err != nil || version > schemaVersion {
		return fmt.Errorf("its schema has version %s, and this program knows version %d: run the program that made it", text, schemaVersion)
	}
	if version == 1 { // version 2 had no number of its own
		isSecond, err := t.has("subscriptions_ended")
		if err != nil {
			return err
		} else if isSecond {
			version = 2
		}
	}
	for version < schemaVersion {
		version++
		step, err := steps.ReadFile(fmt.Sprintf("schema_%d.sql", version))
		if err != nil {
			return err
		}
		if _, err := t.Exec(t.store.sql.Replace(string(step))); err != nil {
			return fmt.Errorf("bring its schema to version %d: %w", version, err)
		}
		if _, err := t.exec("UPDATE meta SET value = ? WHERE name = 'version'", []byte(strconv.Itoa(version))); err != nil {
			return err
		}
	}
	return nil
}

// tx is a transaction that writes.
type tx struct {
	*sql.Tx
	store *Store
	ctx   context.Context
}

// exec returns how many rows a statement changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	var result sql.Result
	var err error
	if ready := t.prepared(query); ready != nil {
		result, err = ready.ExecContext(t.ctx, args...)
	} else {
		result, err = t.ExecContext(t.ctx, t.store.rebind(query), args...)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *tx) row(query string, args ...any) *sql.Row {
	if ready := t.prepared(query); ready != nil {
		return ready.QueryRowContext(t.ctx, args...)
	}
	return t.QueryRowContext(t.ctx, t.store.rebind(query), args...)
}

// each calls scan for every row of a result.
func (t *tx) each(scan func(*sql.Rows) error, query string, args ...any) error {
	if ready := t.prepared(query); ready != nil {
		rows, err := ready.QueryContext(t.ctx, args...)
		return eachRow(rows, err, scan)
	}
	rows, err := t.QueryContext(t.ctx, t.store.rebind(query), args...)
	return eachRow(rows, err, scan)
}

func eachRow(rows *sql.Rows, err error, scan func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// numbers is a scan that adds to a list.
func numbers(list *[]int64) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		*list = append(*list, n)
		return err
	}
}

// leave is for who looks for the last time whether lanes have deliveries, or
// takes them away: nobody adds any until the transaction ends, and the rows are
// kept from others who leave. All take them in the order of pk, once, with the
// strength that an UPDATE needs: two steps of strength deadlock. SQLite has one
// writer anyway.
func (t *tx) leave(where string, args ...any) error {
	if err := t.gate(t.store.leaving); err != nil {
		return err
	}
	return t.lockRows("subscriptions", "pk", where, args...)
}

// lockRows keeps rows from others, in the order of their key: two that lock the
// same in different orders deadlock, which PostgreSQL sees after a second.
func (t *tx) lockRows(table, key, where string, args ...any) error {
	if t.store.isSQLite() {
		return nil
	}
	var locked int
	return t.row("SELECT count(*) FROM (SELECT "+key+" FROM "+table+" WHERE "+where+" ORDER BY "+key+t.store.lock+") AS locked", args...).Scan(&locked)
}

// gate takes one of dialect's locks, of which SQLite, with one writer, needs none.
func (t *tx) gate(lock string) error {
	if lock == "" {
		return nil
	}
	_, err := t.exec(lock)
	return err
}

// subscription is a new row.
type subscription struct {
	trigger, principal, host, params           string
	idHash, callback, callbackHash, paramsHash []byte
	once                                       bool
}

func (s *Store) register(ctx context.Context, n subscription, now time.Time) (pk int64, err error) {
	err = s.transact(ctx, func(t *tx) error {
		return t.row(`INSERT INTO subscriptions (trigger_id, principal, host, params, id_hash, callback, callback_hash, params_hash, once, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, CASE WHEN ? THEN 1 ELSE 0 END, ?) RETURNING pk`, n.trigger, n.principal, n.host, n.params, n.idHash, n.callback,
			n.callbackHash, n.paramsHash, n.once, millis(now)).Scan(&pk)
	})
	return pk, err
}

// unregister ends the subscription with an id, if principal is not "" only its
// own. What is gone already stays so. An unknown one gives sql.ErrNoRows.
func (s *Store) unregister(ctx context.Context, idHash []byte, principal string, now time.Time, handOver time.Duration) (pk int64, err error) {
	err = s.transact(ctx, func(t *tx) error {
		var owner string
		if err := t.row("SELECT pk, principal FROM subscriptions WHERE id_hash = ?", idHash).Scan(&pk, &owner); err != nil {
			return err
		}
		if principal != "" && principal != owner {
			return sql.ErrNoRows
		}
		return t.end(pk, "unregistered", now, handOver)
	})
	return pk, err
}

// end makes a subscription gone. What it had still to get, and what it failed to,
// goes to a twin, a subscription of the same callback to the same, for the platform
// registers anew before or after it deletes (publisher contract, re-registration).
// The twin waits, for as long as handOver says, if something may be under way.
func (t *tx) end(pk int64, reason string, now time.Time, handOver time.Duration) error {
	twins := `callback_hash = (SELECT callback_hash FROM subscriptions WHERE pk = ?) AND trigger_id = (SELECT trigger_id FROM subscriptions WHERE pk = ?)
		AND params_hash = (SELECT params_hash FROM subscriptions WHERE pk = ?) AND state = 0`
	if err := t.leave(twins+" OR pk = ?", pk, pk, pk, pk); err != nil {
		return err
	}
	ended, err := t.exec("UPDATE subscriptions SET state = 2, reason = ?, ended_at = ? WHERE pk = ? AND state < 2", reason, millis(now), pk)
	if err != nil || ended == 0 {
		return err
	}
	var held bool // by what the row says once a claim under way is done
	if err := t.row("DELETE FROM lanes WHERE sub_pk = ? RETURNING node IS NOT NULL", pk).Scan(&held); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err := t.lockRows("deliveries", "id", "sub_pk = ? AND state = 0", pk); err != nil { // as record does
		return err
	}
	due := now
	if held {
		due = now.Add(handOver)
	}
	var twin int64
	switch err := t.row("SELECT pk FROM subscriptions WHERE "+twins+" ORDER BY pk LIMIT 1", pk, pk, pk).Scan(&twin); {
	case err == nil:
		for _, state := range []string{"state = 0", "state = 2"} { // an index each
			if _, err := t.exec(`UPDATE deliveries SET sub_pk = ?, due_at = ? WHERE sub_pk = ? AND `+state+`
				AND (SELECT count(*) FROM deliveries d WHERE d.event_seq = deliveries.event_seq AND d.sub_pk = ?) = 0`, twin, millis(due), pk, twin); err != nil {
				return err
			}
		}
		if err := t.wake("pk = ?", millis(due), twin); err != nil {
			return err
		}
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	_, err = t.exec("UPDATE deliveries SET state = 3, finished_at = ? WHERE sub_pk = ? AND state = 0", millis(now), pk)
	return err
}

// wake makes lanes of active subscriptions, and makes those due that are so later
// for another reason than failures. A held lane is looked at again when it is
// given back. Neither statement joins lanes: of what comes and goes PostgreSQL has
// no statistics, and 10,000 can take half a minute.
func (t *tx) wake(where string, due int64, args ...any) error {
	if _, err := t.exec("INSERT INTO lanes (sub_pk, due_at) SELECT pk, CAST(? AS BIGINT) FROM subscriptions WHERE state = 0 AND "+where+
		" ORDER BY pk ON CONFLICT DO NOTHING", append([]any{due}, args...)...); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE lanes SET due_at = ? WHERE node IS NULL AND due_at > ?
		AND (SELECT count(*) FROM subscriptions WHERE pk = sub_pk AND fails = 0 AND `+where+") > 0", append([]any{due, due}, args...)...)
	return err
}

// publish adds an event and one delivery for each distinct target, all or
// nothing. What is disabled gets a dead letter, so that nothing is lost.
func (s *Store) publish(ctx context.Context, e Event, polled bool, bodyHash []byte, now time.Time) (r Receipt, err error) {
	for {
		chosen, err := s.matching(ctx, e)
		if err != nil {
			return r, err
		}
		if r, err = s.publishTo(ctx, e, chosen, polled, bodyHash, now); !errors.Is(err, errUnasked) {
			return r, err
		}
	}
}

// publishTo is publish for the registrations that Match has chosen.
func (s *Store) publishTo(ctx context.Context, e Event, chosen *choice, polled bool, bodyHash []byte, now time.Time) (r Receipt, err error) {
	err = s.transact(ctx, func(t *tx) error {
		r = Receipt{ID: e.ID, Polled: polled}
		if polled {
			if err := t.gate(s.feed); err != nil {
				return err
			}
		}
		var seq int64
		err := t.row(`INSERT INTO events (id, trigger_id, body_hash, body, created_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (id) DO NOTHING RETURNING seq`, e.ID, e.Trigger, bodyHash, e.Body, millis(now)).Scan(&seq)
		if errors.Is(err, sql.ErrNoRows) {
			return t.samePublished(e, bodyHash)
		}
		if r.New = err == nil; err != nil || polled {
			return err
		}
		added, err := t.fanOut(e, chosen, seq, now)
		r.Deliveries = int(added)
		return err
	})
	return r, err
}

// samePublished makes sure that an event that is there already is the same.
func (t *tx) samePublished(e Event, bodyHash []byte) error {
	var same int
	err := t.row("SELECT count(*) FROM events WHERE id = ? AND trigger_id = ? AND body_hash = ?", e.ID, e.Trigger, bodyHash).Scan(&same)
	if err == nil && same == 0 {
		err = ErrConflict
	}
	return err
}

func (t *tx) fanOut(e Event, chosen *choice, seq int64, now time.Time) (int64, error) {
	if err := t.gate(t.store.adding); err != nil {
		return 0, err
	}
	where, args := "trigger_id = ? AND state < 2", []any{e.Trigger}
	if e.To != 0 {
		where, args = where+" AND pk = ?", append(args, e.To)
	}
	if chosen != nil {
		const alike = " (SELECT params_hash FROM subscriptions WHERE pk "
		var unasked int
		if err := t.row("SELECT count(*) FROM subscriptions WHERE "+where+" AND params_hash NOT IN"+alike+t.store.in+")", append(args, t.store.list(chosen.asked))...).Scan(&unasked); err != nil {
			return 0, err
		}
		if unasked > 0 {
			return 0, errUnasked
		}
		where, args = where+" AND params_hash IN"+alike+t.store.in+")", append(args, t.store.list(chosen.taken))
	}
	added, err := t.exec(`INSERT INTO deliveries (event_seq, sub_pk, state, due_at, error_class, finished_at)
		SELECT CAST(? AS BIGINT), pk, CASE WHEN state = 0 THEN 0 ELSE 2 END, CAST(? AS BIGINT),
			CASE WHEN state = 0 THEN '' ELSE 'disabled' END, CASE WHEN state = 0 THEN NULL ELSE CAST(? AS BIGINT) END
		FROM (SELECT pk, state, ROW_NUMBER() OVER (PARTITION BY callback_hash, params_hash ORDER BY state, pk) AS twin
			FROM subscriptions WHERE `+where+`) AS targets WHERE twin = 1`, append([]any{seq, millis(now), millis(now)}, args...)...)
	if err != nil {
		return 0, err
	}
	if e.To != 0 && added == 0 {
		return 0, ErrNoRegistration
	}
	// A lane whose twin was chosen is woken for nothing, which costs less than to
	// tell them apart by a join with what was just written.
	return added, t.wake(where, millis(now), args...)
}

// choice is what Match said, by one subscription for each set of parameters.
type choice struct{ asked, taken []int64 }

// errUnasked is a registration that came after Match was asked, and is active
// when the event is stored: so it is asked again.
var errUnasked = errors.New("a registration came after Match was asked")

// matching asks Match, before the transaction: others would wait for the owner's
// code. It is nil if there is nothing to ask.
func (s *Store) matching(ctx context.Context, e Event) (*choice, error) {
	if e.Match == nil {
		return nil, nil
	}
	c := &choice{[]int64{}, []int64{}}
	rows, err := s.read.QueryContext(ctx, s.rebind("SELECT MIN(pk), params FROM subscriptions WHERE trigger_id = ? AND state < 2 GROUP BY params_hash, params"), e.Trigger)
	err = eachRow(rows, err, func(rows *sql.Rows) error {
		var pk int64
		var params string
		err := rows.Scan(&pk, &params)
		if c.asked = append(c.asked, pk); err == nil && e.Match([]byte(params)) {
			c.taken = append(c.taken, pk)
		}
		return err
	})
	return c, err
}

// Retention of what is over.
const (
	keepDone  = 24 * time.Hour
	keepDead  = 30 * 24 * time.Hour
	keepGone  = 30 * 24 * time.Hour // so that a second DELETE answers as the first did
	keepEvent = 7 * 24 * time.Hour  // at least; ids are remembered and pollers served that long
)

const maxSwept = 100_000 // of a kind, at a time

// sweep deletes what is over, in small steps, and wakes lanes that should be
// awake: a safety net that finds nothing.
func (s *Store) sweep(ctx context.Context, now time.Time) error {
	before := func(keep time.Duration) int64 { return millis(now.Add(-keep)) }
	for _, step := range []struct {
		table, key, where string
		before            int64
	}{
		{"deliveries", "id", "state IN (1, 3) AND finished_at < ?", before(keepDone)},
		{"deliveries", "id", "state = 2 AND finished_at < ?", before(keepDead)},
		{"events", "seq", "created_at < ? AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event_seq = seq)", before(keepEvent)},
		{"subscriptions", "pk", "state = 2 AND ended_at < ?", before(keepGone)},
	} {
		if step.table == "events" && now.Sub(s.swept) < time.Hour { // it looks at all that dead letters need
			continue
		}
		var keys []int64
		rows, err := s.read.QueryContext(ctx, s.rebind("SELECT "+step.key+" FROM "+step.table+" WHERE "+step.where+" LIMIT ?"), step.before, maxSwept)
		if err := eachRow(rows, err, numbers(&keys)); err != nil {
			return err
		}
		for part := range slices.Chunk(keys, 500) {
			if err := s.transact(ctx, func(t *tx) error {
				_, err := t.exec("DELETE FROM "+step.table+" WHERE "+step.key+" "+s.in, s.list(part))
				return err
			}); err != nil {
				return err
			}
		}
		if step.table == "events" && len(keys) < maxSwept {
			s.swept = now
		}
	}
	return s.transact(ctx, func(t *tx) error {
		return t.wake("pk NOT IN (SELECT sub_pk FROM lanes) AND EXISTS (SELECT 1 FROM deliveries d WHERE d.sub_pk = pk AND d.state = 0)", millis(now))
	})
}
