package publisher

import (
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

const maxConnections = 1000

// NewHTTPServer returns a server for the internet: every wait has a deadline,
// and when there are too many connections, the one that has been idle longest
// makes room for the new one.
func NewHTTPServer(addr string, h http.Handler, log *slog.Logger) *http.Server {
	idle := &idleConnections{}
	return &http.Server{
		Addr:              addr,
		Handler:           http.MaxBytesHandler(h, 64<<20),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ConnState:         idle.follow,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

type idleConnections struct {
	mu   sync.Mutex
	open int
	idle []net.Conn // longest first
}

func (c *idleConnections) follow(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state != http.StateNew {
		if i := slices.Index(c.idle, conn); i >= 0 {
			c.idle = slices.Delete(c.idle, i, i+1)
		}
	}
	switch state {
	case http.StateNew:
		if c.open++; c.open > maxConnections && len(c.idle) > 0 {
			_ = c.idle[0].Close()
			c.idle = c.idle[1:]
		}
		c.idle = append(c.idle, conn)
	case http.StateIdle:
		c.idle = append(c.idle, conn)
	case http.StateClosed, http.StateHijacked:
		c.open--
	}
}
