package publisher

import (
	"context"
	"time"
)

// write starts to write outcomes down, if it is time.
func (d *dispatcher) write(ctx context.Context) {
	if d.writing != nil || len(d.records) == 0 || time.Now().Before(d.gathered) {
		return
	}
	d.writing, d.records = d.records, nil
	go func(records []record, now time.Time) {
		ctx, cancel := context.WithTimeout(ctx, d.o.Lease/3) // a database that hangs must not hang the loop
		defer cancel()
		begun := time.Now()
		err := d.store.record(ctx, records, now, d.handOver())
		d.metrics.commits.Observe(time.Since(begun).Seconds())
		d.written <- err
	}(d.writing, d.now())
}

// wrote takes in whether outcomes were written; else they wait for the next time.
func (d *dispatcher) wrote(err error) {
	if err != nil {
		d.log.Error("write outcomes", "error", err.Error())
		d.records, d.gathered = append(d.writing, d.records...), time.Now().Add(heartbeat)
	} else {
		for _, r := range d.writing {
			r.lane.unwritten--
		}
		d.checkAt = time.Time{} // some lanes may be at their end
	}
	d.writing = nil
}

// begin starts a turn, if there is a reason and none is under way.
func (d *dispatcher) begin(ctx context.Context) {
	now := time.Now()
	if d.turning != nil || now.Before(d.checkAt) {
		return
	}
	d.checkAt = now.Add(heartbeat)
	u := &turn{node: d.o.Node, now: d.now(), lease: d.o.Lease, target: d.target, handOver: d.handOver()}
	ready, suspects := 0, 0
	for _, l := range d.lanes {
		switch {
		case l.inFlight+l.unwritten == 0 && (len(l.queue) == 0 || d.stopping):
			l.leaving = true
			u.finished = append(u.finished, l)
		case l.isSuspect():
			suspects++
		case len(l.queue) > 0 && l.inFlight < l.limit():
			ready++
		}
	}
	if !d.stopping {
		u.room, u.suspects = d.o.Workers-ready, suspects < d.o.Workers
	}
	isLate := now.After(d.lookAt) || u.now.Add(u.lease/2).After(d.leaseUntil)
	if u.look = isLate && d.failed == nil && (!d.stopping || len(d.lanes) > 0); u.room <= 0 && !u.isNeeded() {
		return
	}
	d.turning, d.ended = u, map[int64]bool{}
	go func() {
		ctx, cancel := context.WithTimeout(ctx, u.lease/3) // a database that hangs must not hang the loop
		defer cancel()
		u.err = d.turn(ctx, u)
		d.turned <- u
	}()
}

func (d *dispatcher) turn(ctx context.Context, u *turn) error {
	if u.look {
		if err := d.place.keep(ctx); err != nil {
			return err
		}
	}
	if !u.isNeeded() && !d.isAnythingDue(ctx, u) {
		return nil
	}
	return d.store.turn(ctx, u)
}

// end takes in what a turn has done.
func (d *dispatcher) end(u *turn) {
	d.turning = nil
	if d.missPlace(u.err); u.err != nil {
		d.log.Error("deliver", "error", u.err.Error())
		d.checkAt = time.Now().Add(heartbeat) // the database is in trouble; what is under way goes on
		for _, l := range u.finished {
			l.leaving = false
		}
		return
	}
	if u.look {
		d.compareLanes(u)
	}
	for _, l := range u.finished {
		delete(d.lanes, l.pk)
	}
	for _, l := range u.disabled {
		d.log.Warn("subscription disabled", "trigger", l.trigger, "subscription", l.pk, "class", l.class)
		d.metrics.disabled.Inc()
	}
	for _, l := range u.claimed {
		if d.lanes[l.pk] = l; d.ended[l.pk] {
			l.lose()
		}
		d.offer(l)
	}
	if len(u.claimed) > 0 && len(u.claimed) == u.room {
		d.checkAt = time.Time{} // there may be more
	}
}

// isAnythingDue keeps an idle node from writing.
func (d *dispatcher) isAnythingDue(ctx context.Context, u *turn) bool {
	var due int
	err := d.store.read.QueryRowContext(ctx, d.store.rebind("SELECT count(*) FROM (SELECT 1 FROM "+claimable+" LIMIT 1) AS due"),
		millis(u.now), millis(u.now), u.suspects).Scan(&due)
	return err != nil || due > 0
}
