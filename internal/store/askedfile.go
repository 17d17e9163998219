package store

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// AskedName is the name of the file beside the database that has what people asked to
// have deleted or taken back.
const AskedName = "postbag.erased"

// askedHead begins the file, for whoever finds it.
const askedHead = "# What people asked Postbag to delete or take back. It names nobody. Keep a copy with the backups, and newer than they are.\n"

// askedFile is that file.
type askedFile struct {
	path    string
	written int64 // what it has, by its number in the database
	behind  bool  // the database has more
	told    bool  // that it cannot be written
}

// line is how it stands in the file.
func (a asked) line() string { return fmt.Sprintf("%d %s %s %s\n", a.Number, a.Day, a.What, a.Mark) }

func parseAsked(line string) (asked, error) {
	var a asked
	if n, err := fmt.Sscanf(line, "%d %s %s %s", &a.Number, &a.Day, &a.What, &a.Mark); err != nil || n != 4 || a.line() != line {
		return a, errors.New("it is not a number, a day, a word and a mark")
	}
	if _, err := hex.DecodeString(a.Mark); err != nil {
		return a, errors.New("the mark is not hexadecimal")
	}
	switch a.What {
	case askedErased, askedEnded, askedWithdrawn:
		return a, nil
	}
	return a, fmt.Errorf("%q is nothing that can be asked", a.What)
}

// keepAsked writes what was asked into the file, before whoever asked is answered.
// Where that fails it is tried again with every commit, and at the next start; the
// database has it all the same.
func (w *writer) keepAsked() {
	if !w.asked.behind {
		return
	}
	err := func() error {
		all, err := (&tx{w: w}).askedSince(w.asked.written)
		if err != nil || len(all) == 0 {
			return err
		}
		return w.asked.add(all)
	}()
	if err != nil {
		if !w.asked.told {
			w.log.Error("database: what was erased is not in the file beside it; it is tried again with every change", "file", AskedName, "err", err)
		}
		w.asked.told = true
		return
	}
	w.asked.behind, w.asked.told = false, false
}

// add appends what was asked, and returns when the disk has it.
func (f *askedFile) add(all []asked) (err error) {
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var lines strings.Builder
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		lines.WriteString(askedHead)
	}
	for _, a := range all {
		lines.WriteString(a.line())
	}
	if _, err := file.WriteString(lines.String()); err != nil {
		// Half a line would become part of the next.
		return errors.Join(err, file.Truncate(info.Size()))
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if info.Size() == 0 {
		if err := syncDir(filepath.Dir(f.path)); err != nil {
			return err
		}
	}
	f.written = all[len(all)-1].Number
	return nil
}

// replace writes the file anew.
func (f *askedFile) replace(all []asked) error {
	if len(all) == 0 {
		return nil
	}
	part := askedFile{path: f.path + ".part"}
	if err := os.Remove(part.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	if err := part.add(all); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", f.path, err), os.Remove(part.path))
	}
	if err := os.Rename(part.path, f.path); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	f.written = part.written
	return syncDir(filepath.Dir(f.path))
}

// last returns the file's last line, the zero value where there is no file; false: it
// cannot be read, and the file has to be looked at line by line.
func (f *askedFile) last() (asked, bool, error) {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return asked{}, true, nil
	}
	if err != nil {
		return asked{}, false, fmt.Errorf("read what people asked: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return asked{}, false, fmt.Errorf("read what people asked: %w", err)
	}
	const longer = 512 // than a line
	tail := make([]byte, min(info.Size(), longer))
	if _, err := file.ReadAt(tail, info.Size()-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return asked{}, false, fmt.Errorf("read what people asked: %w", err)
	}
	start := bytes.LastIndexByte(bytes.TrimSuffix(tail, []byte("\n")), '\n') + 1
	a, err := parseAsked(string(tail[start:]))
	return a, err == nil, nil
}

func (f *askedFile) read() ([]asked, error) {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what people asked: %w", err)
	}
	defer file.Close()
	all, err := readAsked(file)
	if err != nil {
		return nil, fmt.Errorf("%s, which has what people asked to be deleted: %w", f.path, err)
	}
	return all, nil
}

// readAsked reads such a file. The end of one that was cut off in the middle of a line
// is left out: whoever asked was not answered yet.
func readAsked(r io.Reader) ([]asked, error) {
	var all []asked
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		a, err := parseAsked(strings.TrimRight(line, "\r\n") + "\n")
		if err != nil {
			return nil, fmt.Errorf("line %d cannot be read: %w", n, err)
		}
		all = append(all, a)
	}
}

// MergeAsked writes a file of what people asked from several sources, such files
// and databases, and returns how many there are. A database may be damaged: what can
// be read of it counts, and unread is why the rest could not be.
func MergeAsked(ctx context.Context, to string, files, databases []string) (n int, unread error, err error) {
	var all []asked
	known := map[string]bool{}
	add := func(more []asked) {
		for _, a := range more {
			if key := string(a.What) + a.Mark; !known[key] {
				known[key] = true
				a.Number = int64(len(all)) + 1
				all = append(all, a)
			}
		}
	}
	for _, path := range files {
		if _, err := os.Stat(path); err != nil {
			return 0, nil, fmt.Errorf("read what people asked: %w", err)
		}
		more, err := (&askedFile{path: path}).read()
		if err != nil {
			return 0, nil, err
		}
		add(more)
	}
	for _, path := range databases {
		if _, err := os.Stat(path); err != nil { // a name that is mistyped, and no damage
			return 0, nil, fmt.Errorf("read the old database: %w", err)
		}
		more, err := askedIn(ctx, path)
		if err != nil {
			unread = errors.Join(unread, fmt.Errorf("%s: %w", path, err))
		}
		add(more)
	}
	return len(all), unread, (&askedFile{path: to}).replace(all)
}

// askedIn reads what a database knows, as far as it can be read.
func askedIn(ctx context.Context, path string) (all []asked, err error) {
	db, err := openFile(path, "ro")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, `SELECT number, day, what, mark FROM asked ORDER BY number`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a asked
		if err := rows.Scan(&a.Number, &a.Day, &a.What, &a.Mark); err != nil {
			return all, err
		}
		if _, err := parseAsked(a.line()); err != nil {
			return all, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// syncDir makes sure of the names in a directory.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
