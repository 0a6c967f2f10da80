package publisher

import (
	"errors"
	"slices"
	"time"
)

// look renews the lease of the lanes that this node holds, and says which they are.
func (t *tx) look(u *turn) error {
	if err := t.leave("pk IN (SELECT sub_pk FROM lanes WHERE node = ?)", u.node); err != nil {
		return err
	}
	return t.each(numbers(&u.held), "UPDATE lanes SET lease_until = ? WHERE node = ? RETURNING sub_pk", millis(u.now.Add(u.lease)), u.node)
}

// compareLanes lets go of lanes that are no longer ours: unregistered or
// disabled by another process. What the database says is ours and we know nothing
// of becomes a lane with nothing to send, which the next turn gives back. That
// comes from a commit whose answer was lost, ours or of a process of this name
// that was killed; we would renew its lease and never send.
func (d *dispatcher) compareLanes(u *turn) {
	d.leaseUntil, d.lookAt = u.now.Add(u.lease), time.Now().Add(look)
	for pk, l := range d.lanes {
		if !slices.Contains(u.held, pk) {
			l.lose()
		}
	}
	for _, pk := range u.held {
		if d.lanes[pk] == nil {
			d.lanes[pk], d.checkAt = &lane{pk: pk}, time.Time{}
		}
	}
}

// missPlace stops all POSTs while another process seems to have this one's name.
// That can be PostgreSQL, which has yet to notice that our connection is gone; if
// it goes on, it is another process indeed.
func (d *dispatcher) missPlace(err error) {
	if !errors.Is(err, errTaken) {
		d.missed = time.Time{}
		return
	}
	if d.leaseUntil = (time.Time{}); d.missed.IsZero() {
		d.missed = time.Now()
	}
	if time.Since(d.missed) > d.o.Lease {
		d.failed = err
		for _, l := range d.lanes {
			l.lose()
		}
	}
}
