package testkit

import (
	"encoding/base64"
	"strings"
)

func (c *session) auth(arg string) error {
	if c.server.cfg.Users == nil {
		return c.write("502 5.5.1 AUTH is not offered")
	}
	user, password, err := c.credentials(arg)
	if err != nil {
		return err
	}
	want, known := c.server.cfg.Users[user]
	usual := "235 2.7.0 Authentication successful"
	if !known || want != password {
		usual = "535 5.7.8 Authentication failed"
	}
	replied, err := c.answered(StageAUTH, nil, usual)
	if err == nil && strings.HasPrefix(replied, "235") {
		c.user = user
	}
	return err
}

// credentials runs the dialogue of AUTH PLAIN (RFC 4616) or LOGIN. What cannot
// be understood comes back as nobody, who is then refused.
func (c *session) credentials(arg string) (user, password string, err error) {
	mechanism, initial, _ := strings.Cut(arg, " ")
	ask := func(prompt string) (string, error) {
		if err := c.write("334 " + base64.StdEncoding.EncodeToString([]byte(prompt))); err != nil {
			return "", err
		}
		return c.line()
	}
	decode := func(s string) string {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return ""
		}
		return string(b)
	}
	switch strings.ToUpper(mechanism) {
	case "PLAIN":
		if initial == "" {
			if initial, err = ask(""); err != nil {
				return "", "", err
			}
		}
		parts := strings.Split(decode(initial), "\x00")
		if len(parts) == 3 {
			user, password = parts[1], parts[2]
		}
	case "LOGIN":
		if initial == "" {
			if initial, err = ask("Username:"); err != nil {
				return "", "", err
			}
		}
		if password, err = ask("Password:"); err != nil {
			return "", "", err
		}
		user, password = decode(initial), decode(password)
	}
	return user, password, nil
}
