package contract

import (
	"fmt"
	"time"
)

// DateTime is a date with a time as it stands in JSON. Services write it in
// more ways than RFC 3339 allows, so the text is kept as it is; an empty one is
// left out of what is sent.
type DateTime string

// NewDateTime writes a time as RFC 3339 has it.
func NewDateTime(t time.Time) DateTime { return DateTime(t.Format(time.RFC3339Nano)) }

// Time reads the usual ways to write a time. Without an offset it is UTC.
func (d DateTime) Time() (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00",
		"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, string(d)); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date and time", string(d))
}
