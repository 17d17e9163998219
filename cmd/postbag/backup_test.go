package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"postbag/internal/app"
	"postbag/internal/campaign"
	"postbag/internal/config"
	"postbag/internal/store"
)

// within opens the database of a data directory as a server beside does.
func within(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := app.OpenStore(t.Context(), config.Config{DataDir: dir}, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func shaOf(of string) []byte { sum := sha256.Sum256([]byte(of)); return sum[:] }

// writes submits and confirms a letter of somebody's.
func writes(t *testing.T, s *store.Store, who string) []byte {
	t.Helper()
	roster, _, err := s.Roster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seat, _ := roster.Seat("E14001319")
	err = s.SubmitLetter(t.Context(), campaign.NewLetter{
		Campaign: shipped, Constituency: seat.Constituency.Code, MemberID: seat.Member.ID, Lang: "en", Variant: campaign.VariantAsk,
		TokenHash: shaOf("token" + who), RepeatHash: shaOf("repeat" + who), EmailHash: shaOf("email" + who), ContentHash: shaOf("content" + who), ReplaceHash: shaOf("replace" + who),
		Sealed: []byte("sealed record of " + who), MessageID: "confirm-" + who + "@example.org",
	})
	if err == nil {
		err = s.ConfirmLetter(t.Context(), shaOf("token"+who), "letter-"+who+"@example.org")
	}
	if err != nil {
		t.Fatal(err)
	}
	return shaOf("token" + who)
}

// files lists a folder.
func files(t *testing.T, dir string) string {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range all {
		names = append(names, f.Name())
	}
	return strings.Join(names, " ")
}

// backedUp backs up a data directory and returns the file.
func backedUp(t *testing.T, dir string, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "backup.db")
	if got := postbag(t, dir, append([]string{"backup", file}, args...)...); got.code != exitOK {
		t.Fatalf("backup: %+v", got)
	}
	return file
}

func TestBackup(t *testing.T) {
	dir := withDatabase(t)
	s := within(t, dir) // a server is running
	gone := writes(t, s, "amina")
	writes(t, s, "ben")
	if err := s.EraseLetter(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	file := filepath.Join(to, "backup.db")
	got := postbag(t, dir, "backup", file)
	if got.code != exitOK || !strings.Contains(got.out, file+": letters 2, sealed records 1, ") || !strings.Contains(got.out, "keep POSTBAG_SECRET apart") {
		t.Errorf("%+v", got)
	}
	if left := files(t, to); left != "backup.db" {
		t.Errorf("beside it are %s", left)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info, err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(content, []byte("sealed record of ben")) || bytes.Contains(content, []byte("sealed record of amina")) {
		t.Error("what was erased is in it, or what was not is not")
	}
	if got := postbag(t, dir, "backup", filepath.Join(to, "other.db"), "--json"); got.code != exitOK || !strings.Contains(got.out, `"letters": 2`) || !strings.Contains(got.out, `"sealed": false`) {
		t.Errorf("as JSON: %+v", got)
	}
	if got := postbag(t, dir, "backup", file); got.code != exitUsage || !strings.Contains(got.err, "never written over") {
		t.Errorf("over another: %+v", got)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(after, content) {
		t.Error("it was written over")
	}
	for name, tt := range map[string]struct {
		dir  string
		args []string
		want string
	}{
		"no database":         {t.TempDir(), []string{filepath.Join(to, "none.db")}, "there is no database"},
		"no folder":           {dir, []string{filepath.Join(to, "none", "x.db")}, "there is no folder"},
		"a secret key":        {dir, []string{filepath.Join(to, "x.db"), "--age", "AGE-SECRET-KEY-1PRIVATE"}, "that is a secret key"},
		"no key":              {dir, []string{filepath.Join(to, "x.db"), "--age", ""}, "is no age public key"},
		"a mixture of kinds ": {dir, []string{filepath.Join(to, "x.db"), "--age", hybrid(t), "--age", x25519(t).Recipient().String()}, "cannot be mixed"},
	} {
		if got := postbag(t, tt.dir, append([]string{"backup"}, tt.args...)...); got.code != exitUsage || !strings.Contains(got.err, tt.want) || strings.Contains(got.err, "PRIVATE") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if left := files(t, to); left != "backup.db other.db" {
		t.Errorf("left behind: %s", left)
	}
}

func x25519(t *testing.T) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func hybrid(t *testing.T) string {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id.Recipient().String()
}

// What is there is the backup or none, also where it is broken off.
func TestBackup_interrupted(t *testing.T) {
	dir := withDatabase(t)
	to := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	t.Setenv("POSTBAG_DATA_DIR", dir)
	var out, errs bytes.Buffer
	w := &world{ctx: ctx, out: &out, err: &errs}
	if code := w.run([]string{"backup", filepath.Join(to, "x.db")}); code != exitFailed || out.Len() > 0 {
		t.Errorf("exit %d, said %q", code, out.String())
	}
	if left := files(t, to); left != "" {
		t.Errorf("left behind: %s", left)
	}
}

func TestRestore(t *testing.T) {
	dir := withDatabase(t)
	s := within(t, dir)
	gone, sent, stays := writes(t, s, "amina"), writes(t, s, "ben"), writes(t, s, "cleo")
	file := backedUp(t, dir)
	jobs, err := s.Claim(t.Context(), 3, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		if err := s.Finish(t.Context(), j, campaign.Outcome{Verdict: campaign.VerdictSent, Code: 250}, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.EraseLetter(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := postbag(t, dir, "restore", file); got.code != exitUsage || !strings.Contains(got.err, "never written over") {
		t.Errorf("over a database: %+v", got)
	}

	check := func(t *testing.T, dir string, got result) {
		t.Helper()
		if got.code != exitOK || !strings.Contains(got.out, "again: letters 3, sealed records 3.\n") || !strings.Contains(got.out, "are uncertain now: 2.") {
			t.Fatalf("%+v", got)
		}
		back := within(t, dir)
		for _, hash := range [][]byte{sent, stays} {
			if l, err := back.LetterByToken(t.Context(), hash); err != nil || l.State != campaign.StateUncertain || l.Sealed == nil {
				t.Errorf("%+v, %v", l, err)
			}
		}
		if l, err := back.LetterByToken(t.Context(), gone); err != nil || l.Sealed != nil || l.State != campaign.StateWithdrawn {
			t.Errorf("the dead are back: %+v, %v", l, err)
		}
		if jobs, err := back.Claim(t.Context(), 10, time.Minute); err != nil || len(jobs) > 0 {
			t.Errorf("it sends %+v, %v", jobs, err)
		}
		content, err := os.ReadFile(filepath.Join(dir, store.FileName))
		if err != nil || bytes.Contains(content, []byte("sealed record of amina")) {
			t.Errorf("who was erased stands in the file (%v)", err)
		}
	}
	asked, old := filepath.Join(dir, store.AskedName), filepath.Join(dir, store.FileName)
	t.Run("with a copy of what people asked", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "data")
		got := postbag(t, dir, "restore", file, "--erased", asked)
		check(t, dir, got)
		if strings.Contains(got.err, "WARNING") || !strings.Contains(got.out, "Done again: letters erased 1, opt-ins ended 0,") {
			t.Errorf("%+v", got)
		}
		if left := files(t, dir); left != "postbag.db postbag.db-shm postbag.db-wal postbag.erased" { // a server runs
			t.Errorf("in the folder are %s", left)
		}
		if info, err := os.Stat(filepath.Join(dir, store.FileName)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("others may read it: %v, %v", info, err)
		}
	})
	t.Run("with the old database", func(t *testing.T) {
		dir := t.TempDir()
		check(t, dir, postbag(t, dir, "restore", file, "--from-old", old))
	})
	t.Run("with a damaged old database", func(t *testing.T) {
		content, err := os.ReadFile(old)
		if err != nil {
			t.Fatal(err)
		}
		broken := filepath.Join(t.TempDir(), "broken.db")
		write(t, broken, string(content[:8192]))
		dir := t.TempDir()
		if got := postbag(t, dir, "restore", file, "--from-old", broken+"-mistyped"); got.code != exitUsage || !strings.Contains(got.err, "no such file") || files(t, dir) != "" {
			t.Errorf("one that is not there: %+v", got)
		}
		got := postbag(t, dir, "restore", file, "--from-old", broken)
		if got.code != exitOK || !strings.Contains(got.err, "WARNING: the old database could not be read to its end") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("with what is beside", func(t *testing.T) {
		dir := t.TempDir()
		content, err := os.ReadFile(asked)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, store.AskedName), string(content))
		check(t, dir, postbag(t, dir, "restore", file))
	})
	t.Run("with nothing", func(t *testing.T) {
		dir := t.TempDir()
		got := postbag(t, dir, "restore", file, "--nothing-sent-since")
		if got.code != exitOK || !strings.Contains(got.err, "WARNING: nothing is known of what people asked") {
			t.Errorf("%+v", got)
		}
		if jobs, err := within(t, dir).Claim(t.Context(), 10, time.Minute); err != nil || len(jobs) != 3 {
			t.Errorf("%d letters go, %v; want 3", len(jobs), err)
		}
	})
	t.Run("what is due by now", func(t *testing.T) {
		old := t.TempDir()
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(old, store.FileName), string(content))
		alter(t, old, `UPDATE letters SET erase_at = '2026-01-02T10:00:00.000Z', state = 'sent' WHERE id < 3`,
			`UPDATE letters SET trim_at = '2026-01-02T10:00:00.000Z', state = 'sent' WHERE id = 3`)
		dir := t.TempDir()
		got := postbag(t, dir, "restore", backedUp(t, old))
		if got.code != exitOK || !strings.Contains(got.out, "because their time is over: 2.\nTexts of sent letters are due as well") {
			t.Errorf("%+v", got)
		}
	})
}

func TestCheck(t *testing.T) {
	if got := postbag(t, t.TempDir(), "check"); got.code != exitUsage || !strings.Contains(got.err, "there is no database") {
		t.Errorf("nothing: %+v", got)
	}
	dir := withDatabase(t)
	if got := postbag(t, dir, "check"); got.code != exitOK || !strings.HasPrefix(got.out, "The database is sound: letters 0, sealed records 0, ") {
		t.Errorf("%+v", got)
	}
	path := filepath.Join(dir, store.FileName)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(content[:len(content)-30_000]))
	for _, command := range [][]string{{"check"}, {"backup", filepath.Join(t.TempDir(), "x.db")}} {
		if got := postbag(t, dir, command...); got.code != exitFailed || !strings.Contains(got.err, "damaged") {
			t.Errorf("%v: %+v", command, got)
		}
	}
	settings := map[string]string{"POSTBAG_ADDR": "127.0.0.1:0", "POSTBAG_DATA_DIR": dir}
	if got := withSettings(t, settings, "serve"); got.code != exitFailed || !strings.Contains(got.err, "is left as it is") || !strings.Contains(got.err, "postbag restore") {
		t.Errorf("serve: %+v", got)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(content[:len(content)-30_000]) {
		t.Errorf("it was changed (%v)", err)
	}
	settings["POSTBAG_DATA_DIR"] = path
	if got := withSettings(t, settings, "serve"); got.code != exitUsage || !strings.Contains(got.err, "no folder") {
		t.Errorf("a file for a folder: %+v", got)
	}
}

func TestRestore_sealed(t *testing.T) {
	dir := withDatabase(t)
	writes(t, within(t, dir), "amina")
	one, two, stranger := x25519(t), x25519(t), x25519(t)
	file := backedUp(t, dir, "--age", one.Recipient().String(), "--age", two.Recipient().String())
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, planted := range []string{"sealed record of", "CREATE TABLE", shipped} {
		if bytes.Contains(content, []byte(planted)) {
			t.Errorf("%q can be read in it", planted)
		}
	}
	identity := func(id *age.X25519Identity) string {
		path := filepath.Join(t.TempDir(), "identity.txt")
		write(t, path, "# created by somebody\n"+id.String()+"\n")
		return path
	}
	for _, id := range []*age.X25519Identity{one, two} {
		to := t.TempDir()
		if got := postbag(t, to, "restore", file, "--identity", identity(id)); got.code != exitOK || !strings.Contains(got.out, "letters 1, sealed records 1.") {
			t.Errorf("%+v", got)
		}
	}
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	content[len(content)/2] ^= 1
	write(t, damaged, string(content))
	cut := filepath.Join(t.TempDir(), "cut.db")
	write(t, cut, string(content[:len(content)/3]))
	for name, tt := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no key":          {[]string{file}, exitUsage, "--identity"},
		"another's key":   {[]string{file, "--identity", identity(stranger)}, exitUsage, "sealed to other keys"},
		"no identity":     {[]string{file, "--identity", damaged}, exitUsage, "no secret age key"},
		"a bit is wrong":  {[]string{damaged, "--identity", identity(one)}, exitFailed, "try an older backup"},
		"its end missing": {[]string{cut, "--identity", identity(one)}, exitFailed, "try an older backup"},
	} {
		to := t.TempDir()
		if got := postbag(t, to, append([]string{"restore"}, tt.args...)...); got.code != tt.code || !strings.Contains(got.err, tt.want) {
			t.Errorf("%s: %+v", name, got)
		}
		if left := files(t, to); left != "" {
			t.Errorf("%s left %s behind", name, left)
		}
	}
}

func TestRestore_refuses(t *testing.T) {
	dir := withDatabase(t)
	sound := backedUp(t, dir)
	content, err := os.ReadFile(sound)
	if err != nil {
		t.Fatal(err)
	}
	put := func(content []byte) string {
		path := filepath.Join(t.TempDir(), "file.db")
		write(t, path, string(content))
		return path
	}
	later := put(content)
	alterFile(t, later, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	foreign := put(nil)
	alterFile(t, foreign, `CREATE TABLE bookmarks (id INTEGER)`)
	scratched := bytes.Clone(content)
	for i := len(scratched) / 2; i < len(scratched)/2+20000; i++ {
		scratched[i] ^= 0x55
	}
	for name, tt := range map[string]struct {
		file string
		code int
		want string
	}{
		"nothing":              {filepath.Join(dir, "none"), exitUsage, "no such file"},
		"a text":               {put([]byte(strings.Repeat("not a database ", 500))), exitUsage, "no backup of Postbag"},
		"an empty file":        {put(nil), exitUsage, "no backup of Postbag"},
		"of a later version":   {later, exitFailed, "later version of Postbag"},
		"of another program":   {foreign, exitFailed, "no database of Postbag"},
		"bytes changed in it":  {put(scratched), exitFailed, "try an older backup"},
		"its second half gone": {put(content[:len(content)/2]), exitFailed, "try an older backup"},
	} {
		to := t.TempDir()
		if got := postbag(t, to, "restore", tt.file); got.code != tt.code || !strings.Contains(got.err, tt.want) {
			t.Errorf("%s: %+v", name, got)
		}
		if left := files(t, to); left != "" {
			t.Errorf("%s left %s behind", name, left)
		}
	}
	for _, end := range []string{"-wal", "-shm", "-journal"} {
		to := t.TempDir()
		write(t, filepath.Join(to, store.FileName+end), "of another database")
		if got := postbag(t, to, "restore", sound); got.code != exitUsage || !strings.Contains(got.err, store.FileName+end) {
			t.Errorf("beside a journal: %+v", got)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, store.FileName)); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(sound); err != nil || info.Mode() != fs.FileMode(0o600) {
		t.Errorf("the backup itself was changed: %v, %v", info, err)
	}
}
