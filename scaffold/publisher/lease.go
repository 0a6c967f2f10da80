package publisher

import (
	"context"
	"database/sql"
)

// keepLanes renews the lease in good time, and now and then compares the lanes
// that this process knows with those that the database says it holds.
func (d *dispatcher) keepLanes(ctx context.Context) {
	now := d.now()
	until := now.Add(d.o.Lease)
	switch {
	case len(d.lanes) == 0:
		d.leaseUntil, d.renewAt = until, now.Add(d.o.Lease/3)
	case now.After(d.renewAt):
		if err := d.store.transact(ctx, func(t *tx) error {
			_, err := t.exec("UPDATE subscriptions SET lease_until = ? WHERE "+heldBy, millis(until), d.o.Node)
			return err
		}); err != nil {
			d.log.Error("renew the lease", "error", err.Error())
			return
		}
		d.leaseUntil, d.renewAt = until, now.Add(d.o.Lease/3)
	}
	if now.Before(d.lookAt) {
		return
	}
	d.lookAt = now.Add(look)
	if err := d.compareLanes(ctx); err != nil {
		d.log.Error("look at the lanes", "error", err.Error())
	}
}

// compareLanes lets go of lanes that are no longer ours: unregistered or
// disabled by another process. It also gives back what the database says is
// ours and we know nothing of. That comes from a commit whose answer was lost,
// ours or of a process of this name that was killed; we would renew its lease
// and never send.
func (d *dispatcher) compareLanes(ctx context.Context) error {
	held, forgotten := map[int64]bool{}, []int64{}
	rows, err := d.store.read.QueryContext(ctx, d.store.rebind("SELECT pk FROM subscriptions WHERE state = 0 AND "+heldBy), d.o.Node)
	err = eachRow(rows, err, func(rows *sql.Rows) error {
		var pk int64
		err := rows.Scan(&pk)
		if held[pk] = true; d.lanes[pk] == nil {
			forgotten = append(forgotten, pk)
		}
		return err
	})
	if err != nil {
		return err
	}
	for pk, l := range d.lanes {
		if !held[pk] {
			l.lose()
		}
	}
	if len(forgotten) == 0 {
		return nil
	}
	return d.store.transact(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE subscriptions SET node = NULL, lease_until = NULL, due_at = ? WHERE node = ? AND pk "+d.store.in,
			millis(d.now()), d.o.Node, d.store.list(forgotten))
		return err
	})
}
