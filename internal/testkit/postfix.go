package testkit

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// postfixDaemons is where Debian's package postfix has its daemons.
const postfixDaemons = "/usr/lib/postfix/sbin"

// How big a mailbox and a message can be, in bytes.
const (
	fullMailbox    = 400_000
	postfixLargest = 200_000
)

// PostfixConfig says whose mail a Postfix takes.
type PostfixConfig struct {
	Domain    string   // whose mailboxes it has, several with spaces between; it accepts every address, and bounces what nobody has
	Mailboxes []string // addresses that somebody has
	Full      []string // addresses whose mailbox is full

	// ReturnDomain is where bounces go, by a transport such as
	// lmtp:inet:127.0.0.1:2424; with an empty one they go into one mailbox, Returned.
	ReturnDomain, ReturnBy string
}

// Postfix is a real mail server, in a directory of its own and on the loopback
// alone: it hands nothing on to any other.
type Postfix struct {
	Port int
	dir  string
}

// StartPostfix starts Debian's Postfix until the test ends. Without it, or without
// being root, which it needs to be, the test is skipped; in CI it fails.
func StartPostfix(tb testing.TB, cfg PostfixConfig) *Postfix {
	tb.Helper()
	why := ""
	if _, err := os.Stat(filepath.Join(postfixDaemons, "master")); err != nil {
		why = "Postfix is not there: install Debian's package postfix"
	} else if os.Geteuid() != 0 {
		why = "Postfix starts for root alone"
	}
	if why != "" {
		if os.Getenv("CI") == "true" {
			tb.Fatal(why)
		}
		tb.Skip(why)
	}
	// Its daemons run as another user, who may not look into a test's own directory.
	dir, err := os.MkdirTemp("/tmp", "postbag-postfix")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Postfix{Port: free.Addr().(*net.TCPAddr).Port, dir: dir}
	free.Close()
	if err := p.prepare(cfg); err != nil {
		tb.Fatalf("prepare Postfix: %v", err)
	}
	p.run(tb)
	return p
}

// prepare writes the configuration and makes the directories, as "postfix check"
// does, and quicker.
func (p *Postfix) prepare(cfg PostfixConfig) error {
	owner, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	drop, err := user.LookupGroup("postdrop")
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(owner.Uid)
	gid, _ := strconv.Atoi(owner.Gid)
	dropped, _ := strconv.Atoi(drop.Gid)
	type folder struct {
		name     string
		uid, gid int
		mode     os.FileMode
	}
	folders := []folder{
		{"", 0, 0, 0o755}, {"etc", 0, 0, 0o755}, {"log", 0, 0, 0o755}, {"mail", uid, gid, 0o755}, {"data", uid, gid, 0o700}, {"queue", 0, 0, 0o755},
		{"queue/pid", 0, 0, 0o755}, {"queue/maildrop", uid, dropped, 0o730}, {"queue/public", uid, dropped, 0o710}, {"queue/private", uid, 0, 0o700},
	}
	for _, name := range []string{"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "saved", "trace"} {
		folders = append(folders, folder{"queue/" + name, uid, 0, 0o700})
	}
	for _, f := range folders {
		path := filepath.Join(p.dir, f.name)
		if err := errors.Join(os.MkdirAll(path, 0o755), os.Chown(path, f.uid, f.gid), os.Chmod(path, f.mode)); err != nil {
			return err
		}
	}
	for _, address := range cfg.Full {
		path := filepath.Join(p.dir, "mail", address)
		if err := errors.Join(os.WriteFile(path, make([]byte, fullMailbox-1), 0o600), os.Chown(path, uid, gid)); err != nil {
			return err
		}
	}
	for name, content := range p.files(cfg, owner) {
		if err := os.WriteFile(filepath.Join(p.dir, "etc", name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Returned is the mailbox into which bounces go that are sent nowhere else.
const Returned = "returned"

// files are the files of the configuration.
func (p *Postfix) files(cfg PostfixConfig, owner *user.User) map[string]string {
	var mailboxes strings.Builder
	for _, address := range cfg.Mailboxes {
		fmt.Fprintf(&mailboxes, "%s %s/\n", address, address)
	}
	for _, address := range cfg.Full {
		fmt.Fprintf(&mailboxes, "%s %s\n", address, address) // one file, which a limit applies to
	}
	transport, domains := "", cfg.Domain
	switch {
	case cfg.ReturnDomain == "":
	case cfg.ReturnBy != "":
		transport = cfg.ReturnDomain + " " + cfg.ReturnBy + "\n"
	default:
		domains += " " + cfg.ReturnDomain
		fmt.Fprintf(&mailboxes, "@%s %s/\n", cfg.ReturnDomain, Returned)
	}
	return map[string]string{
		"mailboxes": mailboxes.String(),
		"transport": transport,
		"main.cf": strings.NewReplacer("DIR", p.dir, "DAEMONS", postfixDaemons, "DOMAINS", domains, "UID", owner.Uid, "GID", owner.Gid,
			"FULL", strconv.Itoa(fullMailbox), "LARGEST", strconv.Itoa(postfixLargest)).Replace(postfixMain),
		"master.cf": strings.ReplaceAll(postfixMaster, "PORT", strconv.Itoa(p.Port)),
	}
}

// postfixMain has whatever could leave the machine refused, twice over: there is no
// transport to anywhere, and what there is binds to the loopback.
const postfixMain = `compatibility_level = 3.6
queue_directory = DIR/queue
data_directory = DIR/data
daemon_directory = DAEMONS
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = DIR/log/maillog
maillog_file_prefixes = DIR
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_bind_address = 127.0.0.1
lmtp_bind_address = 127.0.0.1
myhostname = mx.postfix.test
mydestination =
mynetworks = 127.0.0.0/8
relayhost =
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
local_transport = error:nobody lives here
alias_maps =
alias_database =
virtual_mailbox_domains = DOMAINS
virtual_mailbox_base = DIR/mail
virtual_mailbox_maps = texthash:DIR/etc/mailboxes
virtual_uid_maps = static:UID
virtual_gid_maps = static:GID
virtual_mailbox_limit = FULL
message_size_limit = LARGEST
transport_maps = texthash:DIR/etc/transport
smtpd_reject_unlisted_recipient = no
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
notify_classes =
`

const postfixMaster = `127.0.0.1:PORT inet n - n - - smtpd
pickup     unix n - n 60 1 pickup
cleanup    unix n - n - 0 cleanup
qmgr       unix n - n 300 1 qmgr
rewrite    unix - - n - - trivial-rewrite
bounce     unix - - n - 0 bounce
defer      unix - - n - 0 bounce
trace      unix - - n - 0 bounce
flush      unix n - n 1000? 0 flush
proxymap   unix - - n - - proxymap
error      unix - - n - - error
retry      unix - - n - - error
virtual    unix - n n - - virtual
lmtp       unix - - n - - lmtp
scache     unix - - n - 1 scache
postlog    unix-dgram n - n - 1 postlogd
`

// run starts Postfix, waits until it greets, and stops it with the test.
func (p *Postfix) run(tb testing.TB) {
	tb.Helper()
	etc := filepath.Join(p.dir, "etc")
	cmd := exec.Command(filepath.Join(postfixDaemons, "master"), "-c", etc)
	cmd.Env = []string{"MAIL_CONFIG=" + etc, "MAIL_LOGTAG=postfix", "PATH=/usr/sbin:/usr/bin:/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		tb.Fatalf("start Postfix: %v", err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	tb.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it ends its daemons
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-ended
		}
		if tb.Failed() {
			tb.Logf("Postfix's log:\n%s", p.Log())
		}
	})
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if p.greets() {
			return
		}
		select {
		case <-ended:
			tb.Fatalf("Postfix ended by itself:\n%s", p.Log())
		default:
		}
		if time.Now().After(deadline) {
			tb.Fatalf("Postfix does not greet:\n%s", p.Log())
		}
	}
}

func (p *Postfix) greets() bool {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(p.Host(), strconv.Itoa(p.Port)), time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	greeting := make([]byte, 3)
	_, err = conn.Read(greeting)
	return err == nil && string(greeting) == "220"
}

// Host returns "127.0.0.1".
func (p *Postfix) Host() string { return "127.0.0.1" }

// Log returns what Postfix has logged.
func (p *Postfix) Log() string {
	log, _ := os.ReadFile(filepath.Join(p.dir, "log", "maillog"))
	return string(log)
}

// Mailbox returns the messages in a mailbox, as they were delivered.
func (p *Postfix) Mailbox(tb testing.TB, address string) (all [][]byte) {
	tb.Helper()
	files, _ := filepath.Glob(filepath.Join(p.dir, "mail", address, "new", "*"))
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, content)
	}
	return all
}

// Empty empties a mailbox that is full.
func (p *Postfix) Empty(tb testing.TB, address string) {
	tb.Helper()
	if err := os.Truncate(filepath.Join(p.dir, "mail", address), 0); err != nil {
		tb.Fatal(err)
	}
}

// File returns what stands in a mailbox that was full.
func (p *Postfix) File(tb testing.TB, address string) string {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join(p.dir, "mail", address))
	if err != nil {
		tb.Fatal(err)
	}
	return string(content)
}

// Delivered waits until a mailbox has so many messages and returns them.
func (p *Postfix) Delivered(tb testing.TB, address string, n int) [][]byte {
	tb.Helper()
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if all := p.Mailbox(tb, address); len(all) >= n {
			return all
		}
		if time.Now().After(deadline) {
			tb.Fatalf("%s has %d messages, waited for %d", address, len(p.Mailbox(tb, address)), n)
		}
	}
}
