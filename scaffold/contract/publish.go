package contract

import (
	"context"
	"encoding/json"
	"fmt"

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
	err = json.Unmarshal(params, &parameters)
	return parameters, err
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
