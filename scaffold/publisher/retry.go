package publisher

import (
	"database/sql"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// DefaultRetry is when a delivery that fails is tried again, counted from the
// failure, over about three days. Each wait varies by a fifth either way, so
// that what failed together does not come back together.
var DefaultRetry = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

const (
	maxRetryAfter   = 24 * time.Hour
	maxRefusals     = 3                  // of one delivery, before it is a dead letter
	disableAfter    = 5 * 24 * time.Hour // without a success
	jitterInPercent = 20
)

// verdict is what an answer means for the lane of a subscription.
type verdict uint8

const (
	delivered verdict = iota // 2xx
	over                     // 410: the subscriber wants no more
	park                     // the subscriber is not well: stop sending to it for a while
	refuse                   // the subscriber does not want this one
	unsent                   // we stopped before an answer came
)

// outcome is the result of one POST.
type outcome struct {
	verdict verdict
	status  int    // of the answer; 0 if there was none
	class   string // of the failure, never text that could hold the URL
	after   time.Duration
}

// judge classes an answer. 401, 403 and 404 can mean that a flow is switched
// off or its key was renewed, so they do not end the subscription.
func judge(status int, header http.Header, now time.Time) outcome {
	o := outcome{status: status, class: "http_" + strconv.Itoa(status)}
	switch {
	case status >= 200 && status < 300:
		return outcome{verdict: delivered, status: status}
	case status == http.StatusGone:
		o.verdict = over
	case status >= 400 && status < 500 && status != 401 && status != 403 && status != 404 && status != 408 && status != 429:
		o.verdict = refuse
	default:
		o.verdict = park
		o.after = retryAfter(header.Get("Retry-After"), now)
	}
	return o
}

// retryAfter reads the header in both of its forms, seconds and a date (RFC
// 9110, section 10.2.3). What is past or cannot be read asks for nothing.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil {
		if seconds > uint64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// record is what becomes of a delivery.
type record struct {
	lane              *lane
	id, state         int64
	attempt, refusals int64
	due               time.Time // when it is next tried; zero: as before
	status            int
	class             string
}

// settle decides what an outcome means for the delivery and for its lane. This
// is the whole of the retry policy.
func settle(l *lane, d *delivery, o outcome, plan []time.Duration, now time.Time) record {
	r := record{lane: l, id: d.id, state: pending, attempt: d.attempt + 1, refusals: d.refusals, status: o.status, class: o.class}
	switch o.verdict {
	case delivered:
		l.warm, l.fails, l.failingSince = true, 0, sql.NullInt64{}
		if r.state = done; l.once {
			l.lose() // record ends it
		}
	case over:
		l.end, l.queue = "410 Gone", nil // which cancels it with the rest
	case unsent:
		r.attempt, l.queue = d.attempt, nil
	case refuse:
		l.refused, l.class = true, o.class
		r.due = now.Add(wait(plan, d.refusals))
		if r.refusals++; r.refusals == maxRefusals {
			r.state = dead
		}
	case park:
		// The lane waits by its own count of failures, and the oldest delivery
		// stays the oldest, so a long backlog is not a series of first tries.
		until := now.Add(max(wait(plan, l.fails), o.after))
		if l.queue = nil; until.After(l.parked) {
			l.parked, l.class = until, o.class
		}
		if r.attempt > int64(len(plan)) {
			r.state = dead
		}
	}
	return r
}

// wait is the planned wait after a number of failures, with jitter.
func wait(plan []time.Duration, failures int64) time.Duration {
	planned := plan[min(failures, int64(len(plan)-1))]
	return planned + time.Duration((rand.Float64()*2-1)*jitterInPercent/100*float64(planned))
}
