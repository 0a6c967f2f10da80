package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/scaffold/publisher"
)

// Publisher is where events go: a [*publisher.Server].
type Publisher interface {
	Publish(context.Context, publisher.Event) (publisher.Receipt, error)
}

// Events publishes what the business tells: it has one method for each trigger.
type Events struct{ publisher Publisher }

// NewEvents returns the Events of a publisher.
func NewEvents(p Publisher) *Events { return &Events{p} }

func (e *Events) publish(ctx context.Context, event publisher.Event, payload any) (publisher.Receipt, error) {
	var err error
	if event.Body, err = json.Marshal(payload); err != nil {
		return publisher.Receipt{}, fmt.Errorf("write the payload of %s: %w", event.Trigger, err)
	}
	return e.publisher.Publish(ctx, event)
}

// Parameters reads the Params of a [publisher.Registration]: what a flow asked
// for when it registered, as the type of that trigger's registration.
func Parameters[T any](params json.RawMessage) (parameters T, err error) {
	err = unmarshal(params, &parameters)
	return parameters, err
}

// unmarshal reads JSON, and for an integer what JSON Schema takes for one: 1.0
// and 1e2 as well.
func unmarshal(data []byte, target any) error {
	err := json.Unmarshal(data, target)
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) || !strings.HasPrefix(wrong.Value, "number") {
		return err
	}
	return json.Unmarshal(tokens.ReplaceAllFunc(data, whole), target)
}

// tokens are the strings and the numbers of a JSON text.
var tokens = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*`)

func whole(token []byte) []byte {
	n, err := strconv.ParseFloat(string(token), 64)
	if err != nil || n != math.Trunc(n) || math.Abs(n) >= 1<<53 {
		return token
	}
	return strconv.AppendInt(nil, int64(n), 10)
}

// matching makes a typed choice of registrations an untyped one. Parameters
// that cannot be read match: an event too many is better than one too few.
func matching[T any](match func(T) bool) func(json.RawMessage) bool {
	if match == nil {
		return nil
	}
	return func(params json.RawMessage) bool {
		parameters, err := Parameters[T](params)
		return err != nil || match(parameters)
	}
}
