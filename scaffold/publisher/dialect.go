package publisher

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib" // and the driver "pgx"
	sqlite3 "modernc.org/sqlite"     // and the driver "sqlite"
)

//go:embed schema.sql
var schema string

//go:embed schema_*.sql
var steps embed.FS

// dialect is all in which the two databases differ.
type dialect struct {
	sql       *strings.Replacer // of the schema
	has       string            // whether there is a table or an index of a name
	in        string            // behind a column: is one of a list
	lock      string            // behind a SELECT: keeps the rows from other transactions
	skip      string            // the same with lanes, but leaves out those that others hold
	pending   string            // up to ? pending deliveries of each lane of a list, with the bytes they have
	migrating string            // taken before the schema is looked at
	feed      string            // taken by who publishes for pollers, so that sequence numbers become visible in order
	adding    string            // taken by who adds deliveries: waits for those who leave, and they for it
	leaving   string            // taken by who looks for the last time whether there are any, see tx.leave
}

var sqlite = dialect{
	sql: strings.NewReplacer("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT", " WITH (fillfactor = 70)", ""),
	has: "SELECT count(*) > 0 FROM sqlite_master WHERE name = ?",
	in:  "IN (SELECT value FROM json_each(?))",
	pending: `SELECT d.id, d.sub_pk, d.attempt, d.refusals, d.event_seq, (SELECT length(body) FROM events WHERE seq = d.event_seq)
		FROM json_each(?) l CROSS JOIN deliveries d ON d.id IN (
			SELECT x.id FROM deliveries x WHERE x.sub_pk = l.value AND x.state = 0 AND x.due_at <= ? ORDER BY x.due_at, x.id LIMIT ?)
		ORDER BY d.due_at, d.id`,
}

var postgres = dialect{
	sql:  strings.NewReplacer(),
	has:  "SELECT to_regclass(?) IS NOT NULL",
	in:   "= ANY(?)",
	lock: " FOR NO KEY UPDATE",
	skip: " FOR NO KEY UPDATE OF l SKIP LOCKED",
	pending: `SELECT d.id, l.pk, d.attempt, d.refusals, d.event_seq, (SELECT length(body) FROM events WHERE seq = d.event_seq)
		FROM unnest(?::bigint[]) l(pk) CROSS JOIN LATERAL (SELECT * FROM deliveries x
			WHERE x.sub_pk = l.pk AND x.state = 0 AND x.due_at <= ? ORDER BY x.due_at, x.id LIMIT ?) d
		ORDER BY d.due_at, d.id`,
	migrating: "SELECT pg_advisory_xact_lock(7110218)",
	feed:      "SELECT pg_advisory_xact_lock(7110219)",
	adding:    "LOCK TABLE gate IN SHARE MODE", // two modes that conflict with each other, and not with themselves
	leaving:   "LOCK TABLE gate IN ROW EXCLUSIVE MODE",
}

// list makes the argument of dialect.in.
func (s *Store) list(ids []int64) any {
	if !s.isSQLite() {
		return ids
	}
	text, _ := json.Marshal(ids) // integers always encode
	return string(text)
}

func (s *Store) isSQLite() bool { return s.in == sqlite.in }

// rebind writes placeholders as the database wants them. No statement of ours
// holds a question mark otherwise.
func (s *Store) rebind(query string) string {
	if s.isSQLite() {
		return query
	}
	var b strings.Builder
	for i, part := range strings.Split(query, "?") {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}

// patience is how long PostgreSQL bears with a node that vanished, or stopped in
// the middle of a transaction, and so holds what others wait for.
var patience = map[string]string{
	"idle_in_transaction_session_timeout": "10s", "lock_timeout": "10s",
	"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
}

// connect opens the pools. SQLite takes one writer at a time, and a reader
// never waits for it (https://sqlite.org/wal.html).
func connect(dsn string) (*Store, error) {
	switch {
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		config, err := pgx.ParseConfig(dsn)
		if err != nil {
			return nil, errors.New("DATABASE_URL is not a PostgreSQL URL") // the driver's text may hold the password
		}
		for name, value := range patience {
			if _, isSet := config.RuntimeParams[name]; !isSet {
				config.RuntimeParams[name] = value
			}
		}
		db := stdlib.OpenDB(*config)
		db.SetMaxOpenConns(10)
		db.SetMaxIdleConns(10)
		return &Store{dialect: postgres, write: db, read: db}, nil
	case strings.HasPrefix(dsn, "file:"):
		path, query, _ := strings.Cut(dsn, "?")
		base := path + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(10000)&_pragma=cache_size(-8000)&_pragma=temp_store(MEMORY)&_txlock=immediate&" + query
		write, err := sql.Open("sqlite", base)
		if err != nil {
			return nil, err
		}
		write.SetMaxOpenConns(1)
		read, err := sql.Open("sqlite", base+"&_pragma=query_only(1)")
		if err != nil {
			return nil, err
		}
		read.SetMaxOpenConns(4)
		return &Store{dialect: sqlite, write: write, read: read, file: path, ready: map[string]*sql.Stmt{}}, nil
	}
	return nil, errors.New(`a database is "file:NAME" for SQLite or "postgres://…" for PostgreSQL`)
}

// place makes this process the only one that delivers under a node's name, until
// it leaves or dies.
type place struct {
	store *Store
	node  string
	conn  *sql.Conn // PostgreSQL: has an advisory lock
	file  *sql.DB   // SQLite, see lockFile
}

var errTaken = errors.New("another process delivers from this database under this node's name: stop it, or on PostgreSQL give each node its own name")

func (s *Store) serve(ctx context.Context, node string) (*place, error) {
	p := &place{store: s, node: node}
	for end := time.Now().Add(noticed); ; time.Sleep(100 * time.Millisecond) {
		if err := p.keep(ctx); !errors.Is(err, errTaken) || s.isSQLite() || time.Now().After(end) {
			return p, err
		}
	}
}

// keep takes the place, or makes sure that it is still ours: with its connection
// PostgreSQL loses the lock, too.
func (p *place) keep(ctx context.Context) error {
	if p.store.isSQLite() {
		return p.lockFile(ctx)
	}
	if p.conn != nil && p.conn.PingContext(ctx) == nil {
		return nil
	}
	p.leave()
	conn, err := p.store.write.Conn(ctx)
	if err != nil {
		return err
	}
	p.conn = conn
	free := false
	err = conn.QueryRowContext(ctx, p.store.rebind("SELECT pg_try_advisory_lock(hashtextextended(current_schema() || ' ' || ?, 7110218))"), p.node).Scan(&free)
	if err == nil && !free {
		err = errTaken
	}
	if err != nil {
		p.leave()
	}
	return err
}

// lockFile has an open transaction on a file beside the database, which works on
// every system that SQLite knows.
func (p *place) lockFile(ctx context.Context) (err error) {
	if p.file != nil {
		return nil
	}
	if p.file, err = sql.Open("sqlite", p.store.file+".serving"); err != nil {
		return err
	}
	p.file.SetMaxOpenConns(1) // closed with it, even if ctx ends while it begins
	_, err = p.file.ExecContext(ctx, "BEGIN EXCLUSIVE")
	var busy *sqlite3.Error
	if errors.As(err, &busy) && busy.Code() == busySQLite {
		err = errTaken
	}
	if err != nil {
		p.leave()
	}
	return err
}

func (p *place) leave() {
	if p.file != nil {
		_ = p.file.Close()
	}
	if p.conn != nil {
		_ = p.conn.Raw(func(any) error { return driver.ErrBadConn }) // closes it, instead of back into the pool with the lock
	}
	p.conn, p.file = nil, nil
}

// noticed is how soon PostgreSQL sees that a process on its machine was killed:
// until then its connections, and with them its name, live on.
const noticed = 3 * time.Second

const busySQLite = 5 // SQLITE_BUSY (https://sqlite.org/rescode.html)

// isConflict reports whether a transaction lost against another one and can be
// tried again.
func isConflict(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func nullMillis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: millis(t), Valid: !t.IsZero()}
}

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
