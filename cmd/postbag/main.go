// Command postbag serves campaigns that ask people to write to their MP.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // a bare container has no time zones

	"github.com/alecthomas/kong"
	_ "golang.org/x/crypto/x509roots/fallback" // nor certificate authorities

	"postbag/internal/config"
)

// version is set by the linker in releases: -X main.version=…
var version = ""

// The exit codes, which scripts may rely on.
const (
	exitOK     = 0
	exitFailed = 1 // something went wrong
	exitUsage  = 2 // the command line or the settings need a change
	exitNo     = 3 // it worked, and the answer is no: not found, not applied
)

const description = `Postbag helps people write to their MP.

Start it with "postbag serve" and open the address that it prints. Nothing has to be set up to try it: mail is captured and shown, not delivered.

Settings come from the environment (POSTBAG_ENV, POSTBAG_ADDR, …); "postbag serve --help" lists them.

Exit codes: 0 done; 1 something went wrong; 2 the command line or the settings need a change; 3 it worked, and the answer is no (not found, not applied).`

// cli is the command line.
type cli struct {
	Serve     serveCmd     `cmd:"" help:"Serve the campaigns: the pages, the API and the sending of letters."`
	Postcodes postcodesCmd `cmd:"" help:"Build, ask and describe the index from postcodes to constituencies."`
	Mps       mpsCmd       `cmd:"" help:"Bring the list of MPs up to date, and show it."`
	Map       mapCmd       `cmd:"" help:"Compute the hex map of constituencies, and say how good it is."`
	Pledges   pledgesCmd   `cmd:"" help:"Record and list which MPs have pledged."`
	Keys      keysCmd      `cmd:"" help:"Make, list and revoke the keys that programs are let in by."`
	User      userCmd      `cmd:"" help:"Make accounts for those who run campaigns, and let them in again."`
	Partners  partnersCmd  `cmd:"" help:"Keep the organisations that put the form on their own sites."`
	Embed     embedCmd     `cmd:"" help:"Check whether the form works in a partner's page, and print what to paste into one."`
	Queue     queueCmd     `cmd:"" help:"Decide about letters that are held, uncertain, failed or came back."`
	Campaigns campaignsCmd `cmd:"" help:"Keep campaigns as files: list, export, import and check them."`
	Bounce    bounceCmd    `cmd:"" help:"Take one message that came back, from standard input: for a pipe from a mail server."`
	Counts    countsCmd    `cmd:"" help:"Print letters per constituency, exact: for organisers, not for publication."`
	Backup    backupCmd    `cmd:"" help:"Write the database into one file, also while a server uses it, sealed with age if you like."`
	Check     checkCmd     `cmd:"" help:"Look the whole database through for damage. Exit code 1: it is damaged."`
	Restore   restoreCmd   `cmd:"" help:"Bring a backup back where there is no database."`
	Retention retentionCmd `cmd:"" help:"What is kept of people and for how long; erase what is due; prove what was erased."`
	Seal      sealCmd      `cmd:"" help:"The keys that personal data is sealed with: list them, replace them, change the secret."`
	OptIns    optInsCmd    `cmd:"" help:"Open downloads of opt-ins that are sealed to an age key."`
	Dkim      dkimCmd      `cmd:"" help:"Make keys that mail is signed with."`
	Doctor    doctorCmd    `cmd:"" help:"Check the mail set-up end to end, and say what to change. Exit code 1: something needs a change."`
	Health    healthCmd    `cmd:"" help:"Ask a running server whether it is ready."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
}

// world is what a command may touch.
type world struct {
	ctx      context.Context
	in       io.Reader
	out      io.Writer // results
	err      io.Writer // everything else
	env      config.Environment
	environ  []string // all of it, as NAME=value
	progress bool     // err is a terminal
}

// usageError is an error that is mended by calling the command differently.
type usageError struct{ error }

// codeError is an error with an exit code of its own, where whoever calls the
// command asks for others than ours.
type codeError struct {
	error
	code int
}

// errNo is returned by a command that has said its answer, which is no.
var errNo = errors.New("no")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	w := &world{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.LookupEnv, environ: os.Environ(), progress: isTerminal(os.Stderr)}
	code := w.run(os.Args[1:])
	stop()
	os.Exit(code)
}

// run parses the command line, runs the command and returns the exit code.
func (w *world) run(args []string) (code int) {
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("postbag"), kong.Description(description), kong.ShortUsageOnError(),
		kong.Writers(w.out, w.err), kong.Exit(func(code int) { exited = code; panic(helpShown{}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}))
	if err != nil {
		fmt.Fprintln(w.err, "postbag:", err)
		return exitFailed
	}
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(helpShown); !ok {
				panic(p)
			}
			code = exited
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		about := "postbag"
		if p, ok := errors.AsType[*kong.ParseError](err); ok && p.Context.Selected() != nil {
			about = p.Context.Selected().FullPath()
		}
		fmt.Fprintf(w.err, "postbag: %v\nTry \"%s --help\".\n", err, about)
		return exitUsage
	}
	err = parsed.Run(w)
	var usage usageError
	var coded codeError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errNo):
		return exitNo
	case errors.Is(err, errBroken):
		return exitFailed
	case errors.As(err, &coded):
		fmt.Fprintln(w.err, "postbag:", err)
		return coded.code
	case errors.As(err, &usage), config.IsWrong(err):
		fmt.Fprintln(w.err, "postbag:", err)
		return exitUsage
	case w.ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(w.err, "postbag: interrupted")
		return exitFailed
	default:
		fmt.Fprintln(w.err, "postbag:", err)
		return exitFailed
	}
}

// helpShown unwinds the parser after it has printed help.
type helpShown struct{}

type versionCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (c versionCmd) Run(w *world) error {
	v, goVersion := version, "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		goVersion = info.GoVersion
		if v == "" {
			v = info.Main.Version
		}
	}
	if v == "" || v == "(devel)" {
		v = "development"
	}
	if c.JSON {
		return w.json(struct {
			Version string `json:"version"`
			Go      string `json:"go"`
		}{v, goVersion})
	}
	_, err := fmt.Fprintf(w.out, "postbag %s (%s)\n", v, goVersion)
	return err
}

func (w *world) json(v any) error {
	enc := json.NewEncoder(w.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
