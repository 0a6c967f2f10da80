package publisher

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what /-/metrics shows. No label is made from a URL.
type metrics struct {
	registry   *prometheus.Registry
	deliveries *prometheus.CounterVec
	attempts   *prometheus.HistogramVec
	publishes  prometheus.Histogram
	commits    prometheus.Histogram
	disabled   prometheus.Counter
	blocked    prometheus.Counter
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "publisher_attempts_total",
			Help: "POSTs to subscribers by outcome: delivered, gone, retry, dead or unsent."}, []string{"trigger", "outcome"}),
		attempts: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "publisher_attempt_seconds",
			Help: "How long subscribers took to answer.", Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}}, []string{"trigger"}),
		publishes: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "publisher_publish_seconds", Help: "How long it took to commit an event."}),
		commits:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "publisher_commit_seconds", Help: "How long it took to write outcomes down."}),
		disabled:  prometheus.NewCounter(prometheus.CounterOpts{Name: "publisher_disabled_total", Help: "Subscriptions that were disabled after days without a success."}),
		blocked:   prometheus.NewCounter(prometheus.CounterOpts{Name: "publisher_blocked_total", Help: "Connections to callbacks that were stopped because of their address."}),
	}
	m.registry.MustRegister(m.deliveries, m.attempts, m.publishes, m.commits, m.disabled, m.blocked,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &gauges{s})
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Timeout: 10 * time.Second})
}

func (m *metrics) outcome(trigger string, r record, o outcome, took time.Duration) {
	name := [...]string{delivered: "delivered", over: "gone", park: "retry", refuse: "retry", unsent: "unsent"}[o.verdict]
	if r.state == dead {
		name = "dead"
	}
	m.deliveries.WithLabelValues(trigger, name).Inc()
	m.attempts.WithLabelValues(trigger).Observe(took.Seconds())
}

// gauges reads the state of the database when it is asked.
type gauges struct{ s *Server }

var (
	lanesMetric   = prometheus.NewDesc("publisher_lanes", "Subscriptions by what their deliveries do: idle, due, held, parked or disabled.", []string{"state"}, nil)
	pendingMetric = prometheus.NewDesc("publisher_oldest_pending_seconds", "Age of the oldest delivery that is not over.", nil, nil)
	deadMetric    = prometheus.NewDesc("publisher_dead_letters", "Deliveries that were given up and can be redelivered.", nil, nil)
)

// Describe implements [prometheus.Collector].
func (g *gauges) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- lanesMetric
	descriptions <- pendingMetric
	descriptions <- deadMetric
}

// Collect implements [prometheus.Collector].
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	now := millis(g.s.now())
	one := func(d *prometheus.Desc, query string, args []any, labels ...string) {
		var value float64
		if err := g.s.store.read.QueryRowContext(ctx, g.s.store.rebind(query), args...).Scan(&value); err != nil {
			out <- prometheus.NewInvalidMetric(d, err)
			return
		}
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for state, where := range map[string]string{
		"idle": "state = 0 AND due_at IS NULL AND node IS NULL", "held": "state = 0 AND node IS NOT NULL", "disabled": "state = 1",
		"due": "state = 0 AND node IS NULL AND due_at <= ?", "parked": "state = 0 AND node IS NULL AND due_at > ?",
	} {
		var args []any
		if state == "due" || state == "parked" {
			args = []any{now}
		}
		one(lanesMetric, "SELECT count(*) FROM subscriptions WHERE "+where, args, state)
	}
	one(pendingMetric, `SELECT COALESCE((? - MIN(e.created_at)) / 1000.0, 0) FROM events e
		WHERE e.seq = (SELECT MIN(event_seq) FROM deliveries WHERE state = 0)`, []any{now})
	one(deadMetric, "SELECT count(*) FROM deliveries WHERE state = 2", nil)
}
