package publisher

import (
	"context"
	"os"
	"runtime/pprof"
)

func profile(name string) (stop func(), err error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, pprof.StartCPUProfile(f)
}

func runReceiver(ctx context.Context, c childConfig) error { return nil }
