package publisher

import (
	"context"
	"sync"
	"time"
)

// dispatcher is the loop that delivers: one goroutine a node, which alone owns
// the lanes that the node holds. It starts POSTs and gathers their outcomes. Two
// transactions run beside it, while POSTs go on: one writes outcomes down, the
// other, a turn, gives lanes back and claims others (turn.go).
//
// What keeps subscribers from each other: a lane is one subscription. At most
// perLane of its POSTs are under way, one while it has not proved well. A POST
// that takes longer than slowAfter, and every one of a lane whose last did or
// that failed, counts against a budget of its own, so those that hang leave room
// for those that do not. What is under way or not written down yet is never more
// than twice the number of workers, which bounds the duplicates after a crash.
type dispatcher struct {
	*Server
	lanes   map[int64]*lane
	ready   []*lane        // those that may have something to send, in turn
	flights []*delivery    // POSTs in the order of their start, without the oldest
	fast    int            // POSTs under way
	slow    int            // those that take long, or are to suspects
	next    chan *delivery // to a worker that waits
	landed  chan *delivery

	records  []record  // outcomes that are to be written
	gathered time.Time // when
	writing  []record  // those that are being written; nil: none
	written  chan error

	turning    *turn // under way; nil: none
	turned     chan *turn
	ended      map[int64]bool // lanes that were unregistered since it began
	checkAt    time.Time      // when to look for work
	place      *place
	leaseUntil time.Time // nothing is started from then on
	lookAt     time.Time
	missed     time.Time // since when another process has the place; zero: not so
	failed     error     // why the loop ends by itself
	stopping   bool
}

const (
	perLane   = 4
	slowAfter = time.Second
	gather    = 3 * time.Millisecond   // for outcomes that come together
	heartbeat = 250 * time.Millisecond // between looks for what other processes published
	look      = 700 * time.Millisecond // between looks at the state of the lanes held: a DELETE on another node counts within a second
	drain     = 25 * time.Second       // for POSTs under way when the process is to stop
	writeDown = 4 * time.Second        // for their outcomes
)

// Run delivers until ctx ends. Then it starts nothing more, waits for what is
// under way, writes the outcomes down and gives its lanes back, within half a
// minute. It fails if another process delivers under the same name, or if a
// stored callback is sealed with a key that is lost.
func (s *Server) Run(ctx context.Context) error {
	place, err := s.store.serve(ctx, s.o.Node)
	if err == nil {
		defer place.leave()
		err = s.reseal(ctx)
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil // asked to stop before it began
		}
		return err
	}
	s.isReady()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var sweeper sync.WaitGroup
	sweeper.Go(func() { s.sweeps(ctx) })
	d := &dispatcher{Server: s, place: place, lanes: map[int64]*lane{}, ended: map[int64]bool{}, next: make(chan *delivery), landed: make(chan *delivery, 2*s.o.Workers), written: make(chan error, 1), turned: make(chan *turn, 1)}
	d.run(ctx)
	close(d.next)
	cancel()
	sweeper.Wait()
	return d.failed
}

// Ready is closed once Run delivers: before, what is registered may never be
// told of anything.
func (s *Server) Ready() <-chan struct{} { return s.ready }

func (d *dispatcher) run(ctx context.Context) {
	flying, land := context.WithCancel(context.Background()) // outlives ctx: POSTs under way may finish
	defer land()
	lasting, giveUp := context.WithCancel(context.Background()) // outlives both
	defer giveUp()
	for lasting.Err() == nil && !d.isDone() { // the outcomes must not be lost to a moment's trouble
		d.wait(ctx)
		if !d.stopping && (ctx.Err() != nil || d.failed != nil) {
			d.stopping, d.checkAt = true, time.Time{}
			defer time.AfterFunc(drain, land).Stop()
			defer time.AfterFunc(drain+writeDown, giveUp).Stop()
			d.log.Info("stopping", "under_way", d.fast+d.slow)
		}
		d.start(flying)
		d.write(lasting)
		d.begin(lasting)
	}
	if d.writing != nil {
		d.wrote(<-d.written)
	}
	if d.turning != nil { // it uses the place
		d.end(<-d.turned)
	}
	if lost := len(d.records); lost > 0 {
		d.log.Error("stopped with outcomes that could not be written: they will be sent again", "outcomes", lost)
	}
}

func (d *dispatcher) isDone() bool {
	return d.stopping && d.fast+d.slow+len(d.lanes)+len(d.records)+len(d.writing) == 0 && d.turning == nil
}

// wait returns when there is something to do.
func (d *dispatcher) wait(ctx context.Context) {
	next := time.Now().Add(heartbeat)
	if d.turning == nil && d.checkAt.Before(next) {
		next = d.checkAt
	}
	if d.writing == nil && len(d.records) > 0 && d.gathered.Before(next) {
		next = d.gathered
	}
	timer := time.NewTimer(time.Until(next))
	defer timer.Stop()
	interrupted := ctx.Done()
	if d.stopping {
		interrupted = nil
	}
	select {
	case one := <-d.landed:
		d.take(one)
		for range len(d.landed) {
			d.take(<-d.landed)
		}
	case err := <-d.written:
		d.wrote(err)
	case u := <-d.turned:
		d.end(u)
	case <-d.wake:
		d.checkAt = time.Time{}
	case <-timer.C:
	case <-interrupted:
	}
}

// take notes the outcome of a POST.
func (d *dispatcher) take(one *delivery) {
	if one.slow {
		d.slow--
	} else {
		d.fast--
	}
	lane, took := one.lane, d.now().Sub(one.since)
	lane.inFlight--
	lane.unwritten++
	lane.slow = took > slowAfter
	r := settle(lane, one, one.outcome, d.o.Retry, d.now())
	one.landed = true
	d.offer(lane)
	if len(d.records) == 0 {
		d.gathered = time.Now().Add(gather)
	}
	d.records = append(d.records, r)
	d.metrics.outcome(lane.trigger, r, one.outcome, took)
	if r.state == dead {
		d.log.Warn("dead letter", "trigger", lane.trigger, "subscription", lane.pk, "delivery", r.id, "status", r.status, "class", r.class)
	}
}

// offer lets a lane have its turn.
func (d *dispatcher) offer(l *lane) {
	if len(l.queue) > 0 && !l.isReady {
		l.isReady = true
		d.ready = append(d.ready, l)
	}
}

// start sends what may be sent, each lane in its turn.
func (d *dispatcher) start(ctx context.Context) {
	now := d.now()
	d.drop()
	d.notice(now)
	if d.stopping || !now.Before(d.leaseUntil) {
		return
	}
	unwritten := len(d.writing) + len(d.records)
	for range len(d.ready) {
		if d.fast+d.slow+unwritten >= 2*d.o.Workers {
			return
		}
		l := d.ready[0]
		d.ready, l.isReady = d.ready[1:], false
		for len(l.queue) > 0 && l.inFlight < l.limit() && d.fast+d.slow+unwritten < 2*d.o.Workers {
			budget, isSlow := &d.fast, l.isSuspect()
			if isSlow {
				budget = &d.slow
			}
			if *budget >= d.o.Workers {
				break
			}
			*budget++
			next := l.queue[0]
			l.queue = l.queue[1:]
			l.inFlight++
			next.lane, next.since, next.slow = l, now, isSlow
			d.flights = append(d.flights, next)
			select {
			case d.next <- next:
			default:
				go d.work(ctx, next)
			}
		}
		if l.inFlight < l.limit() {
			d.offer(l)
		}
	}
}

// work sends one delivery after the other: a stack that has grown is kept.
func (d *dispatcher) work(ctx context.Context, one *delivery) {
	for ok := true; ok; one, ok = <-d.next {
		one.outcome = d.sender.send(ctx, one.lane.target, one.event)
		d.landed <- one
	}
}

// notice counts the POSTs that take long as slow.
func (d *dispatcher) notice(now time.Time) {
	for len(d.flights) > 0 {
		f := d.flights[0]
		if !f.landed && now.Sub(f.since) <= slowAfter {
			return
		}
		if !f.landed && !f.slow {
			f.slow = true
			d.fast, d.slow = d.fast-1, d.slow+1
		}
		d.flights = d.flights[1:]
	}
}

// drop lets go of lanes that were just unregistered. A turn under way may have
// claimed one before: end looks at those it brings.
func (d *dispatcher) drop() {
	d.dropped.Range(func(key, _ any) bool {
		d.dropped.Delete(key)
		pk, _ := key.(int64)
		if d.ended[pk] = true; d.lanes[pk] != nil && !d.lanes[pk].leaving {
			d.lanes[pk].lose()
		}
		return true
	})
}
