package campaign_test

import (
	"strings"
	"testing"

	. "postbag/internal/campaign"
)

func TestParseFile_Exit(t *testing.T) {
	with := func(line string) string {
		return strings.Replace(shippedFile(), "goal = 5000", "goal = 5000\n"+line, 1)
	}
	for name, test := range map[string]struct{ line, want string }{
		"none":                    {"", DefaultExit},
		"https":                   {`exit = "https://weather.example.org/today?a=b"`, "https://weather.example.org/today?a=b"},
		"this machine":            {`exit = "http://127.0.0.1:8080/"`, "http://127.0.0.1:8080/"},
		"http":                    {`exit = "http://weather.example.org/"`, ""},
		"http to a private place": {`exit = "http://10.0.0.1/"`, ""},
		"a script":                {`exit = "javascript:alert(1)"`, ""},
		"no host":                 {`exit = "https:///weather"`, ""},
		"a page of ours":          {`exit = "/c/x"`, ""},
		"a password":              {`exit = "https://a:b@weather.example.org"`, ""},
		"a line break":            {`exit = "https://weather.example.org/\n"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := ParseFile(with(test.line))
			switch {
			case test.want == "" && (err == nil || !strings.Contains(err.Error(), "exit: ")):
				t.Errorf("it was taken, or another reason given: %v", err)
			case test.want != "" && (err != nil || c.Exit != test.want):
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
}
