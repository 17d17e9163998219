package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// healthCmd is the container's health check: its image holds no other program
// that could ask.
type healthCmd struct {
	Addr string `help:"Where the server listens." env:"POSTBAG_ADDR" default:"127.0.0.1:8080"`
}

// Run asks a server on this machine whether it is ready. The answer may be no.
func (h *healthCmd) Run(w *world) error {
	host, port, err := net.SplitHostPort(h.Addr)
	if err != nil {
		return usageError{fmt.Errorf("the address %q is not host:port", h.Addr)}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: 4 * time.Second}
	resp, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("nobody answers at %s: %w", net.JoinHostPort(host, port), err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		return err
	}
	if _, err := w.out.Write(body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errNo
	}
	return nil
}
