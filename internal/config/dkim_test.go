package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/config"
)

func TestLoad_DKIM(t *testing.T) {
	for value, want := range map[string][]config.DKIMKey{
		"":                          nil,
		" , ":                       nil,
		"post=/etc/k.pem":           {{Selector: "post", File: "/etc/k.pem"}},
		"a=/x=1.pem, b.c=./my key,": {{Selector: "a", File: "/x=1.pem"}, {Selector: "b.c", File: "./my key"}},
		"a=/1\nb-2=/2\n":            {{Selector: "a", File: "/1"}, {Selector: "b-2", File: "/2"}},
	} {
		got, err := config.Load(env(map[string]string{"POSTBAG_DKIM": value}), smtpOK)
		if diff := cmp.Diff(want, got.DKIM); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", value, err, diff)
		}
	}
}

func TestLoad_DKIMProblems(t *testing.T) {
	for value, want := range map[string]string{
		"/etc/key.pem":        "a list of selector=file",
		"post=":               "a list of selector=file",
		"post_=k":             `the selector "post_"`,
		"-a=k":                `the selector "-a"`,
		"a..b=k":              `the selector "a..b"`,
		"post=a,Post=b":       `the selector "Post" twice`,
		"a=k,b=k,c=k,d=k,e=k": "has 5 keys",
	} {
		_, err := config.Load(env(map[string]string{"POSTBAG_DKIM": value}), smtpOK)
		if err == nil || !strings.Contains(err.Error(), "POSTBAG_DKIM ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", value, err)
		}
	}
}
