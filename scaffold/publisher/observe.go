package publisher

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
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
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	f := promauto.With(registry)
	s.addGauges(f)
	return &metrics{
		registry: registry,
		deliveries: f.NewCounterVec(prometheus.CounterOpts{Name: "publisher_attempts_total",
			Help: "POSTs to subscribers by outcome: delivered, gone, retry, dead or unsent."}, []string{"trigger", "outcome"}),
		attempts: f.NewHistogramVec(prometheus.HistogramOpts{Name: "publisher_attempt_seconds",
			Help: "How long subscribers took to answer.", Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}}, []string{"trigger"}),
		publishes: f.NewHistogram(prometheus.HistogramOpts{Name: "publisher_publish_seconds", Help: "How long it took to commit an event."}),
		commits:   f.NewHistogram(prometheus.HistogramOpts{Name: "publisher_commit_seconds", Help: "How long it took to write outcomes down."}),
		disabled:  f.NewCounter(prometheus.CounterOpts{Name: "publisher_disabled_total", Help: "Subscriptions that were disabled after days without a success."}),
		blocked:   f.NewCounter(prometheus.CounterOpts{Name: "publisher_blocked_total", Help: "Connections to callbacks that were stopped because of their address."}),
	}
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

// addGauges adds what reads the state of the database when it is asked. A query
// that fails is NaN; NOW in it is the time.
func (s *Server) addGauges(f promauto.Factory) {
	gauge := func(name, help string, labels prometheus.Labels, query string) {
		f.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			value := math.NaN()
			_ = s.store.read.QueryRowContext(ctx, strings.ReplaceAll(query, "NOW", strconv.FormatInt(millis(s.now()), 10))).Scan(&value)
			return value
		})
	}
	for state, those := range map[string]string{
		"idle": "subscriptions WHERE state = 0 AND pk NOT IN (SELECT sub_pk FROM lanes)", "disabled": "subscriptions WHERE state = 1",
		"held": "lanes WHERE node IS NOT NULL", "due": "lanes WHERE node IS NULL AND due_at <= NOW", "parked": "lanes WHERE node IS NULL AND due_at > NOW",
	} {
		gauge("publisher_lanes", "Subscriptions by what their deliveries do: idle, due, held, parked or disabled.", prometheus.Labels{"state": state},
			"SELECT count(*) FROM "+those)
	}
	gauge("publisher_oldest_pending_seconds", "Age of the oldest delivery that is not over.", nil,
		"SELECT COALESCE((NOW - MIN(e.created_at)) / 1000.0, 0) FROM events e WHERE e.seq = (SELECT MIN(event_seq) FROM deliveries WHERE state = 0)")
	gauge("publisher_dead_letters", "Deliveries that were given up and can be redelivered.", nil, "SELECT count(*) FROM deliveries WHERE state = 2")
}
