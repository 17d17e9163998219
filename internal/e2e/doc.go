// Package e2e tests the real program in a real browser: it starts Postbag as
// the command does, on a free port with a database of its own, walks through
// it in Chromium as a person would, and reads the mail that comes out of it
// from a real SMTP conversation. It consists of tests only.
//
// Without a browser the tests are skipped, save where CI=true. To see every
// page and state as a picture, or to take the README's pictures anew:
//
//	POSTBAG_SCREENSHOTS=/tmp/shots go test ./internal/e2e -run TestScreenshots
//	POSTBAG_PICTURES=1 go test ./internal/e2e -run TestPictures
package e2e
