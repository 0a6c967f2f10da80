package publisher

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// dispatcher is the loop that delivers: one goroutine a node, which alone owns
// the lanes that the node holds. It starts POSTs, gathers their outcomes, and
// writes them down in one transaction, in which it also gives lanes back and
// claims others.
//
// What keeps subscribers from each other: a lane is one subscription. At most
// perLane of its POSTs are under way, one while it has not proved well. A POST
// that takes longer than slowAfter, and every probe of a lane that failed
// before, counts against a budget of its own, so those that hang leave room for
// those that do not. What is under way or not written down yet is never more
// than twice the number of workers, which bounds the duplicates after a crash.
type dispatcher struct {
	*Server
	lanes   map[int64]*lane
	flights map[*delivery]flight
	landed  chan landing
	records []record // outcomes that are not written down yet
	events  eventCache

	leaseUntil time.Time
	renewAt    time.Time
	lookAt     time.Time
	stopping   bool
}

type flight struct {
	lane  *lane
	since time.Time
	probe bool
}

type landing struct {
	delivery *delivery
	outcome  outcome
}

const (
	perLane   = 4
	slowAfter = time.Second
	gather    = 3 * time.Millisecond   // for outcomes that come together
	heartbeat = 250 * time.Millisecond // between looks for what other processes published
	look      = time.Second            // between looks at the state of the lanes held
	drain     = 25 * time.Second       // for POSTs under way when the process is to stop
)

// Run delivers until ctx ends. Then it starts nothing more, waits for what is
// under way, writes the outcomes down and gives its lanes back, within half a
// minute. It fails if another process delivers under the same name.
func (s *Server) Run(ctx context.Context) error {
	release, err := s.store.serve(ctx, s.o.Node)
	if err == nil {
		defer release()
		err = s.adopt(ctx)
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil // asked to stop before it began
		}
		return err
	}
	var sweeper sync.WaitGroup
	sweeper.Go(func() { s.sweeps(ctx) })
	d := &dispatcher{Server: s, lanes: map[int64]*lane{}, flights: map[*delivery]flight{}, landed: make(chan landing, 2*s.o.Workers)}
	d.run(ctx)
	sweeper.Wait()
	return nil
}

// adopt makes due at once what this node held when it died.
func (s *Server) adopt(ctx context.Context) error {
	if err := s.reseal(ctx); err != nil {
		return err
	}
	return s.store.transact(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE subscriptions SET node = NULL, lease_until = NULL, due_at = ? WHERE "+heldBy, millis(s.now()), s.o.Node)
		return err
	})
}

func (s *Server) sweeps(ctx context.Context) {
	for {
		if err := s.store.sweep(ctx, s.now()); err != nil && ctx.Err() == nil {
			s.log.Error("sweep", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(30 * time.Second):
		}
	}
}

func (d *dispatcher) run(ctx context.Context) {
	flying, cancel := context.WithCancel(context.Background()) // outlives ctx: POSTs under way may finish
	defer cancel()
	for !d.stopping || len(d.flights) > 0 {
		d.wait(ctx)
		if ctx.Err() != nil && !d.stopping {
			d.stopping = true
			defer time.AfterFunc(drain, cancel).Stop()
			d.log.Info("stopping", "under_way", len(d.flights))
		}
		d.start(flying)
		d.turn(context.WithoutCancel(ctx))
		d.start(flying)
	}
	for range 20 { // the outcomes must not be lost to a moment's trouble
		if d.turn(context.WithoutCancel(ctx)); len(d.records) == 0 && len(d.lanes) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	d.log.Error("stopped with outcomes that could not be written: they will be sent again", "outcomes", len(d.records))
}

// wait returns when there is something to do.
func (d *dispatcher) wait(ctx context.Context) {
	timer := time.NewTimer(heartbeat)
	defer timer.Stop()
	interrupted := ctx.Done()
	if d.stopping {
		interrupted = nil
	}
	select {
	case l := <-d.landed:
		d.take(l)
		for full := time.After(gather); ; {
			select {
			case l := <-d.landed:
				d.take(l)
			case <-full:
				return
			}
		}
	case <-d.wake:
	case <-timer.C:
	case <-interrupted:
	}
}

// take notes the outcome of a POST.
func (d *dispatcher) take(l landing) {
	f := d.flights[l.delivery]
	delete(d.flights, l.delivery)
	f.lane.inFlight--
	r := settle(f.lane, l.delivery, l.outcome, d.o.Retry, d.now())
	d.records = append(d.records, r)
	d.metrics.outcome(f.lane.trigger, r, l.outcome, d.now().Sub(f.since))
	if r.state == dead {
		d.log.Warn("dead letter", "trigger", f.lane.trigger, "subscription", f.lane.pk, "delivery", r.id, "status", r.status, "class", r.class)
	}
}

// start sends what may be sent. Go's random order of a map is fair to all.
func (d *dispatcher) start(ctx context.Context) {
	if d.stopping || !d.now().Before(d.leaseUntil) && !d.leaseUntil.IsZero() {
		return
	}
	fast, slow := d.load()
	for _, l := range d.lanes {
		if d.isDropped(l.pk) {
			l.queue, l.lost = nil, true
		}
		for len(l.queue) > 0 && l.inFlight < l.limit() && fast+slow+len(d.records) < 2*d.o.Workers {
			budget := &fast
			if l.isProbe() {
				budget = &slow
			}
			if *budget >= d.o.Workers {
				break
			}
			*budget++
			next := l.queue[0]
			l.queue = l.queue[1:]
			l.inFlight++
			d.flights[next] = flight{lane: l, since: d.now(), probe: budget == &slow}
			go func() { d.landed <- landing{next, d.sender.send(ctx, l.callback, next.event)} }()
		}
	}
}

// load counts the POSTs under way.
func (d *dispatcher) load() (fast, slow int) {
	now := d.now()
	for _, f := range d.flights {
		if f.probe || now.Sub(f.since) > slowAfter {
			slow++
		} else {
			fast++
		}
	}
	return fast, slow
}

// limit is how many POSTs of a lane may be under way.
func (l *lane) limit() int {
	if l.warm {
		return perLane
	}
	return 1
}

// isProbe reports whether a lane that failed has yet to show that it is well.
func (l *lane) isProbe() bool { return l.fails > 0 && !l.warm }

// turn runs one transaction, if there is a reason.
func (d *dispatcher) turn(ctx context.Context) {
	u := &turn{node: d.o.Node, now: d.now(), lease: d.o.Lease, records: d.records, open: d.seal.open, events: &d.events}
	ready, probes := 0, 0
	for _, l := range d.lanes {
		switch {
		case l.inFlight == 0 && (len(l.queue) == 0 || d.stopping):
			u.finished = append(u.finished, l)
		case l.isProbe():
			probes++
		case len(l.queue) > 0 && l.inFlight < l.limit():
			ready++
		}
	}
	if !d.stopping {
		u.room, u.probes = d.o.Workers-ready, probes < d.o.Workers
		d.keepLanes(ctx)
	}
	if len(u.records)+len(u.finished) == 0 && !d.isAnythingDue(ctx, u) {
		return
	}
	begun := time.Now()
	if err := d.store.turn(ctx, u); err != nil {
		d.log.Error("deliver", "error", err.Error())
		time.Sleep(heartbeat) // the database is in trouble; what is under way goes on
		return
	}
	d.metrics.commits.Observe(time.Since(begun).Seconds())
	d.records = nil
	for _, l := range u.finished {
		delete(d.lanes, l.pk)
		d.dropped.Delete(l.pk)
	}
	for _, l := range u.disabled {
		d.log.Warn("subscription disabled", "trigger", l.trigger, "subscription", l.pk, "class", l.class)
		d.metrics.disabled.Inc()
	}
	for _, l := range u.claimed {
		d.lanes[l.pk] = l
	}
}

// isAnythingDue keeps an idle node from writing.
func (d *dispatcher) isAnythingDue(ctx context.Context, u *turn) bool {
	var due int
	err := d.store.read.QueryRowContext(ctx, d.store.rebind("SELECT count(*) FROM (SELECT 1 FROM subscriptions WHERE "+claimable+" LIMIT 1) AS due"),
		millis(u.now), millis(u.now), u.probes).Scan(&due)
	return err != nil || u.room > 0 && due > 0
}

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
			l.queue, l.lost = nil, true
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
