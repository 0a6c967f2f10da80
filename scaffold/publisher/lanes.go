package publisher

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"
)

// lane is the deliveries of one subscription while this node holds it.
type lane struct {
	pk      int64
	trigger string
	target  *url.URL // the secret; nil: nothing may be sent there
	once    bool
	health
	was health // when it was claimed

	queue               []*delivery
	size                int  // bytes that were read for it
	isReady             bool // it is among those that may send
	inFlight, unwritten int  // POSTs; outcomes
	warm                bool // something was delivered since it was claimed, so several at a time may go
	refused             bool
	lost                bool      // no longer ours: give nothing back
	leaving             bool      // a turn gives it back, and alone may look at it
	parked              time.Time // until when nothing is sent; zero if it is well
	class               string    // of the failure that parked it
	end                 string    // why the subscription ends; "" if it goes on
}

// health is what is kept of how a subscriber answers. A success ends the first
// two, whatever comes with it.
type health struct {
	fails        int64 // how often in a row it was parked
	failingSince sql.NullInt64
	slow         bool // its last POST took long
}

// limit is how many POSTs of a lane may be under way.
func (l *lane) limit() int {
	if l.warm {
		return perLane
	}
	return 1
}

// isSuspect reports whether a lane that failed or was slow has yet to show that
// it is not.
func (l *lane) isSuspect() bool { return l.slow || l.fails > 0 }

// lose empties a lane that is no longer ours.
func (l *lane) lose() { l.queue, l.lost = nil, true }

// delivery is one event on its way to one subscription.
type delivery struct {
	id, seq           int64
	attempt, refusals int64
	event             *event

	lane    *lane // that sends it; the rest is about its POST
	since   time.Time
	slow    bool // counts as such
	outcome outcome
	landed  bool // the loop has its outcome
}

type event struct {
	id   string
	body []byte
}

// turn is what one transaction of the loop writes and reads of lanes. The lease is
// on the lane, so a delivery is written once when it is published and once when
// its outcome is known.
type turn struct {
	node     string
	now      time.Time
	lease    time.Duration
	finished []*lane // lanes to give back
	handOver time.Duration
	room     int  // how many lanes to claim
	suspects bool // also those that failed or were slow before
	target   func(sealed, idHash []byte) *url.URL
	look     bool // whether to look at all lanes that this node holds, and to renew their lease

	held     []int64 // the result: what the look found
	claimed  []*lane
	disabled []*lane
	err      error
}

// isNeeded reports whether a turn has something to do with lanes besides claiming.
func (u *turn) isNeeded() bool { return u.look || len(u.finished) > 0 }

func (s *Store) turn(ctx context.Context, u *turn) error {
	return s.transact(ctx, func(t *tx) error {
		u.held, u.claimed, u.disabled = nil, nil, nil
		if err := t.lock(u); err != nil {
			return fmt.Errorf("lock lanes: %w", err)
		}
		if err := t.giveBack(u); err != nil {
			return fmt.Errorf("give lanes back: %w", err)
		}
		if u.room <= 0 {
			return nil
		}
		if err := t.claim(u); err != nil {
			return fmt.Errorf("claim lanes: %w", err)
		}
		return nil
	})
}

// lock takes lanes before deliveries, for that is the order in which tx.end does:
// those to give back, or all that this node holds.
func (t *tx) lock(u *turn) error {
	if u.look {
		return t.look(u)
	}
	if len(u.finished) == 0 {
		return nil
	}
	var pks []int64
	for _, l := range u.finished {
		pks = append(pks, l.pk)
	}
	return t.leave("pk "+t.store.in, t.store.list(pks))
}

// record writes outcomes, before all else, for more may be sent as soon as it is
// done. What was cancelled meanwhile stays cancelled, unless it was delivered after
// all. An action that has its answer ends with it, and failures end with a success:
// a crash between the two would let another event in, or disable a subscriber that
// is well.
func (s *Store) record(ctx context.Context, records []record, now time.Time, handOver time.Duration) error {
	all, successes, answered, recovered := []int64{}, []int64{}, []int64{}, []int64{}
	for _, r := range records {
		if all = append(all, r.id); r.state != done {
			continue
		}
		if successes = append(successes, r.id); r.lane.once {
			answered = append(answered, r.lane.pk)
		} else if r.lane.was.failingSince.Valid {
			recovered = append(recovered, r.lane.pk)
		}
	}
	return s.transactFirst(ctx, func(t *tx) error {
		if changed := slices.Concat(answered, recovered); len(changed) > 0 {
			if err := t.leave("callback_hash IN (SELECT callback_hash FROM subscriptions WHERE pk "+s.in+")", s.list(changed)); err != nil {
				return err
			}
		}
		if len(recovered) > 0 {
			if _, err := t.exec("UPDATE subscriptions SET fails = 0, failing_since = NULL WHERE pk "+s.in, s.list(recovered)); err != nil {
				return err
			}
		}
		if err := t.lockRows("deliveries", "id", "id "+s.in, s.list(all)); err != nil {
			return err
		}
		if _, err := t.exec("UPDATE deliveries SET state = 1, attempt = attempt + 1, finished_at = ? WHERE id "+s.in, millis(now), s.list(successes)); err != nil {
			return err
		}
		for _, r := range records {
			if r.state == done {
				continue
			}
			var finished time.Time
			if r.state != pending {
				finished = now
			}
			if _, err := t.exec(`UPDATE deliveries SET state = ?, attempt = ?, refusals = ?, due_at = COALESCE(?, due_at), last_status = ?, error_class = ?, finished_at = ?
				WHERE id = ? AND state = 0`, r.state, r.attempt, r.refusals, nullMillis(r.due), r.status, r.class, nullMillis(finished), r.id); err != nil {
				return err
			}
		}
		for _, pk := range answered {
			if err := t.end(pk, "completed", now, handOver); err != nil {
				return err
			}
		}
		return nil
	})
}

// giveBack ends the hold on lanes. Nobody publishes while it looks for more work,
// so nothing is overlooked.
func (t *tx) giveBack(u *turn) error {
	var well, failing []int64
	for _, l := range u.finished {
		var err error
		isFailing, since := l.refused || !l.parked.IsZero(), l.failingSince
		switch {
		case l.lost:
		case l.end != "":
			err = t.endAll(u, l)
		case isFailing && since.Valid && since.Int64 < millis(u.now.Add(-disableAfter)):
			u.disabled = append(u.disabled, l)
			err = t.disable(l.pk, "no success since "+fromMillis(since.Int64).Format(time.RFC3339)+", last "+l.class, u.now)
		default:
			if err = t.note(u, l, isFailing); l.parked.IsZero() {
				well = append(well, l.pk)
				if isFailing || since.Valid || l.trigger == "" { // or nothing is known of it
					failing = append(failing, l.pk)
				}
			} else if err == nil {
				_, err = t.exec("UPDATE lanes SET due_at = ?, node = NULL, lease_until = NULL WHERE sub_pk = ? AND node = ?", millis(l.parked), l.pk, u.node)
			}
		}
		if err != nil {
			return err
		}
	}
	return t.rest(u, well, failing)
}

// rest ends the lanes that have no more work, and puts those that have some behind
// those that are due already. A subscriber whose lane ends starts afresh: what fails
// long after may be another trouble.
func (t *tx) rest(u *turn, well, failing []int64) error {
	if len(well) == 0 {
		return nil
	}
	const next = "(SELECT MIN(d.due_at) FROM deliveries d WHERE d.sub_pk = lanes.sub_pk AND d.state = 0)"
	ended, err := t.exec("DELETE FROM lanes WHERE node = ? AND sub_pk "+t.store.in+" AND "+next+" IS NULL", u.node, t.store.list(well))
	if err != nil {
		return err
	}
	if int(ended) < len(well) {
		if _, err := t.exec("UPDATE lanes SET node = NULL, lease_until = NULL, due_at = (SELECT CASE WHEN due > ? THEN due ELSE CAST(? AS BIGINT) END FROM (SELECT "+next+" AS due) AS work) WHERE node = ? AND sub_pk "+t.store.in,
			millis(u.now), millis(u.now), u.node, t.store.list(well)); err != nil {
			return err
		}
	}
	if len(failing) == 0 {
		return nil
	}
	_, err = t.exec("UPDATE subscriptions SET failing_since = NULL WHERE pk "+t.store.in+" AND pk NOT IN (SELECT sub_pk FROM lanes)", t.store.list(failing))
	return err
}

// note writes what a hold has shown of a subscriber, if that is new.
func (t *tx) note(u *turn, l *lane, isFailing bool) error {
	h := l.health
	if isFailing && !h.failingSince.Valid {
		h.failingSince = nullMillis(u.now)
	}
	if !l.parked.IsZero() {
		h.fails++
	}
	if h == l.was {
		return nil
	}
	_, err := t.exec(`UPDATE subscriptions SET fails = ?, failing_since = ?, slow = CASE WHEN ? THEN 1 ELSE 0 END, reason = ?
		WHERE pk = ? AND EXISTS (SELECT 1 FROM lanes WHERE sub_pk = pk AND node = ?)`, h.fails, h.failingSince, h.slow, l.class, l.pk, u.node)
	return err
}

// endAll ends the subscription of a lane, and on 410 all that have its
// callback: the callback is gone, not the subscription.
func (t *tx) endAll(u *turn, l *lane) error {
	ends := []int64{}
	if !l.once {
		if err := t.each(numbers(&ends), `SELECT pk FROM subscriptions WHERE state = 0 AND pk <> ?
			AND callback_hash = (SELECT callback_hash FROM subscriptions WHERE pk = ?) ORDER BY pk`, l.pk, l.pk); err != nil {
			return err
		}
	}
	for _, pk := range append(ends, l.pk) {
		if err := t.end(pk, l.end, u.now, u.handOver); err != nil {
			return err
		}
	}
	return nil
}

// disable stops a subscription. What it had still to get becomes dead letters,
// which can be redelivered.
func (t *tx) disable(pk int64, reason string, now time.Time) error {
	if _, err := t.exec("UPDATE subscriptions SET state = 1, reason = ? WHERE pk = ? AND state = 0", reason, pk); err != nil {
		return err
	}
	if _, err := t.exec("DELETE FROM lanes WHERE sub_pk = ?", pk); err != nil {
		return err
	}
	_, err := t.exec("UPDATE deliveries SET state = 2, error_class = 'disabled', finished_at = ? WHERE sub_pk = ? AND state = 0", millis(now), pk)
	return err
}

// How much of a lane is read at a time: deliveries, and bytes of their bodies
// unless a single one has more.
const (
	batch    = 16
	maxQueue = 256 << 10
)

// claimable are lanes that have work and that nobody holds.
const claimable = `lanes l JOIN subscriptions s ON s.pk = l.sub_pk
	WHERE l.due_at <= ? AND (l.node IS NULL OR l.lease_until < ?) AND (s.fails = 0 AND s.slow = 0 OR ?)`

func (t *tx) claim(u *turn) error {
	var pks []int64
	err := t.each(numbers(&pks), `UPDATE lanes SET node = ?, lease_until = ? WHERE sub_pk IN (SELECT l.sub_pk FROM `+claimable+`
		ORDER BY l.due_at LIMIT ?`+t.store.skip+") RETURNING sub_pk",
		u.node, millis(u.now.Add(u.lease)), millis(u.now), millis(u.now), u.suspects, u.room)
	if err != nil || len(pks) == 0 {
		return err
	}
	lanes := map[int64]*lane{}
	err = t.each(func(rows *sql.Rows) error {
		l := &lane{}
		var sealed, idHash []byte
		if err := rows.Scan(&l.pk, &l.trigger, &sealed, &idHash, &l.was.fails, &l.was.failingSince, &l.was.slow, &l.once); err != nil {
			return err
		}
		l.target, l.health = u.target(sealed, idHash), l.was
		lanes[l.pk], u.claimed = l, append(u.claimed, l)
		return nil
	}, "SELECT pk, trigger_id, callback, id_hash, fails, failing_since, slow = 1, once = 1 FROM subscriptions WHERE pk "+t.store.in, t.store.list(pks))
	if err != nil {
		return err
	}
	waiting := map[int64][]*delivery{} // by event
	err = t.each(func(rows *sql.Rows) error {
		d, pk, size := &delivery{}, int64(0), 0
		if err := rows.Scan(&d.id, &pk, &d.attempt, &d.refusals, &d.seq, &size); err != nil {
			return err
		}
		if l := lanes[pk]; len(l.queue) == 0 || l.size+size <= maxQueue {
			l.queue, l.size = append(l.queue, d), l.size+size
			waiting[d.seq] = append(waiting[d.seq], d)
		}
		return nil
	}, t.store.pending, t.store.list(pks), millis(u.now), batch)
	if err != nil {
		return err
	}
	return t.readEvents(waiting)
}

func (t *tx) readEvents(waiting map[int64][]*delivery) error {
	return t.each(func(rows *sql.Rows) error {
		e, seq := &event{}, int64(0)
		if err := rows.Scan(&seq, &e.id, &e.body); err != nil {
			return err
		}
		for _, d := range waiting[seq] {
			d.event = e
		}
		return nil
	}, "SELECT seq, id, body FROM events WHERE seq "+t.store.in, t.store.list(slices.Collect(maps.Keys(waiting))))
}
