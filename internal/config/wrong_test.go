package config_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/config"
)

func TestWrong_IsFoundInWhatWrapsIt(t *testing.T) {
	cause := errors.New("POSTBAG_DKIM names a file that does not exist")
	err := errors.Join(fmt.Errorf("start: %w", config.Wrong(cause)))
	if !config.IsWrong(err) || !errors.Is(err, cause) || err.Error() != "start: "+cause.Error() {
		t.Errorf("%v", err)
	}
	if config.IsWrong(errors.New("the disk is full")) || config.IsWrong(nil) || config.Wrong(nil) != nil {
		t.Error("what no setting mends is taken for that")
	}
}

func TestStrangers(t *testing.T) {
	got := config.Strangers([]string{
		"PATH=/bin", "POSTBAG_ADDR=:80", "POSTBAG_SECRET_FILE=/run/secret", "POSTBAG_HOOK_SES_FILE=/x", "POSTBAG_OFFICE_HOURS=", "POSTBAG_MEMBERS_API=x",
		"POSTBAG_SMTP_PER_MINUT=60", "POSTBAG_ADDR_FILE=/x", "POSTBAG_DKIM_FILE=/x", "XPOSTBAG_ADDR=1", "POSTBAG_PORT=tcp://10.0.0.7:8080", "POSTBAG_PORT_8080_TCP_ADDR=10.0.0.7", "POSTBAG_SERVICE_HOST=10.0.0.7",
	})
	if diff := cmp.Diff([]string{"POSTBAG_ADDR_FILE", "POSTBAG_DKIM_FILE", "POSTBAG_SMTP_PER_MINUT"}, got); diff != "" {
		t.Error(diff)
	}
}
