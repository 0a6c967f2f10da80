package publisher

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
)

// transact runs do in one transaction, again if it loses against another one.
func (s *Store) transact(ctx context.Context, do func(*tx) error) error {
	return s.commit(ctx, &change{do: do})
}

// transactFirst is transact for what others must not delay.
func (s *Store) transactFirst(ctx context.Context, do func(*tx) error) error {
	return s.commit(ctx, &change{do: do, isFirst: true})
}

func (s *Store) commit(ctx context.Context, c *change) error {
	if s.isSQLite() {
		return s.together(ctx, c)
	}
	for try := 1; ; try++ {
		err := s.once(ctx, c.do)
		if !isConflict(err) || try == 10 {
			return err
		}
	}
}

func (s *Store) once(ctx context.Context, do func(*tx) error) error {
	begun, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = begun.Rollback() }() // does nothing after Commit
	if err := do(&tx{begun, s, ctx}); err != nil {
		return err
	}
	return begun.Commit()
}

// change is a transaction that waits for its turn.
type change struct {
	do      func(*tx) error
	isFirst bool // before those that came earlier, and alone
	err     error
	done    chan struct{}
}

// most is how many changes are committed together.
const most = 64

// together commits with others that wait: SQLite has one writer, and the disk is
// asked once for all of them. Whoever comes while nobody writes does the writing
// for those who come meanwhile.
func (s *Store) together(ctx context.Context, c *change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.done = make(chan struct{})
	s.mu.Lock()
	if c.isFirst {
		s.waiting = slices.Insert(s.waiting, 0, c)
	} else {
		s.waiting = append(s.waiting, c)
	}
	if !s.writing {
		s.writing = true
		go s.writeWaiting()
	}
	s.mu.Unlock()
	<-c.done
	return c.err
}

func (s *Store) writeWaiting() {
	for {
		s.mu.Lock()
		n := min(len(s.waiting), most)
		if n > 0 && s.waiting[0].isFirst {
			n = 1
		}
		batch := s.waiting[:n:n]
		s.waiting = s.waiting[n:]
		s.writing = n > 0
		s.mu.Unlock()
		if n == 0 {
			return
		}
		err := s.once(context.Background(), func(t *tx) error { return t.eachApart(batch) })
		for _, c := range batch {
			c.err = cmp.Or(c.err, err)
			close(c.done)
		}
		s.prepare()
	}
}

// prepared returns a statement of SQLite that need not be compiled again. Only
// writeWaiting asks, so nothing is locked. pgx keeps its own.
func (t *tx) prepared(query string) *sql.Stmt {
	if !t.store.isSQLite() {
		return nil
	}
	ready, known := t.store.ready[query]
	if ready != nil {
		return t.StmtContext(t.ctx, ready)
	}
	if !known && len(t.store.ready) < maxPrepared {
		t.store.ready[query] = nil // see prepare
	}
	return nil
}

const maxPrepared = 100

// prepare compiles the statements that were new, now that no transaction holds
// the connection.
func (s *Store) prepare() {
	for query, ready := range s.ready {
		if ready == nil {
			s.ready[query], _ = s.write.Prepare(query) // nil again: as it was
		}
	}
}

// eachApart makes changes so that one that fails leaves nothing, and the others
// alone.
func (t *tx) eachApart(batch []*change) error {
	for _, c := range batch {
		if len(batch) == 1 {
			c.err = c.do(t)
			return c.err
		}
		if _, err := t.exec("SAVEPOINT change"); err != nil {
			return err
		}
		if c.err = c.do(t); c.err != nil {
			if _, err := t.exec("ROLLBACK TO change"); err != nil {
				return err
			}
		}
		if _, err := t.exec("RELEASE change"); err != nil {
			return err
		}
	}
	return nil
}
