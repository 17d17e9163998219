package parliament_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postbag/internal/parliament"
	"postbag/internal/testkit"
)

// waits is a Sleep that takes no time and remembers what it was asked for.
type waits struct {
	mu   sync.Mutex
	list []time.Duration
}

func (w *waits) sleep(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, d)
	return ctx.Err()
}

var syncDay = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// newClient is a client for the stand-in whose waits take no time.
func newClient(t *testing.T, api *testkit.MembersAPI) (*parliament.Client, *waits) {
	t.Helper()
	client, err := parliament.NewClient(api.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.HTTP.CloseIdleConnections)
	w := &waits{}
	client.Sleep = w.sleep
	client.Now = func() time.Time { return syncDay }
	client.Jitter = func() float64 { return 0 }
	return client, w
}

func TestSync_NothingNew(t *testing.T) {
	current := embedded(t)
	client, _ := newClient(t, testkit.NewMembersAPI(t, current))
	next, diff, err := parliament.Sync(t.Context(), client, current)
	if err != nil {
		t.Fatal(err)
	}
	if !diff.Complete() || !nothingNew(diff) || diff.Members != 650 || len(diff.WithoutEmail) != 4 {
		t.Errorf("diff:\n%s", diff)
	}
	if d := cmp.Diff(current.Seats(), next.Seats()); d != "" {
		t.Errorf("seats (-current +next):\n%s", d)
	}
	source := next.MemberSource()
	if source.Date != "2026-07-01" || !strings.Contains(strings.Join(source.Attribution, " "), "Open Parliament Licence v3.0") {
		t.Errorf("source: %+v", source)
	}
	if d := cmp.Diff(current.ConstituencySource(), next.ConstituencySource()); d != "" {
		t.Errorf("the constituencies' source changed: %s", d)
	}
}

func TestSync_SpellingsOfNames(t *testing.T) {
	current := embedded(t)
	api := testkit.NewMembersAPI(t, current)
	for name, spelt := range map[string]string{
		"Harborough, Oadby and Wigston": "Harborough, Oadby & Wigston",
		"Brecon, Radnor and Cwm Tawe":   "Brecon Radnor & Cwm-Tawe",
		"Ynys Môn":                      "YNYS MON",
		"Bridgend":                      "Pen-y-bont",
		"Ashton-under-Lyne":             " Ashton under Lyne",
		"Queen's Park and Maida Vale":   "Queen’s Park and Maida Vale",
	} {
		api.Edit(t, name, func(m *testkit.APIMember) { m.Constituency = spelt })
	}
	client, _ := newClient(t, api)
	next, diff, err := parliament.Sync(t.Context(), client, current)
	if err != nil {
		t.Fatal(err)
	}
	if !diff.Complete() || !nothingNew(diff) {
		t.Errorf("diff:\n%s", diff)
	}
	if d := cmp.Diff(current.Seats(), next.Seats()); d != "" {
		t.Errorf("seats (-current +next):\n%s", d)
	}
}

func TestSync_WhoIsAccountedFor(t *testing.T) {
	speaker := func(t *testing.T) parliament.Entry {
		s, _ := embedded(t).Seat(chorley)
		return parliament.Entry{Code: chorley, Constituency: "Chorley", MemberID: s.Member.ID, Name: s.Member.Name, Party: s.Member.Party}
	}
	seatOnly := parliament.Entry{Code: chorley, Constituency: "Chorley"}
	rival := testkit.APIMember{ID: 9001, Name: "Ann Other", FullTitle: "Ann Other MP", Party: "Independent", Constituency: "Chorley", Email: "ann.other.mp@parliament.uk"}
	rivalEntry := parliament.Entry{Code: chorley, Constituency: "Chorley", MemberID: 9001, Name: "Ann Other", Party: "Independent"}
	vacantChorley := func(t *testing.T) *parliament.Roster {
		return with(t, func(code string, s *parliament.Seat) {
			if code == chorley {
				s.Member = parliament.Member{}
			}
		})
	}

	tests := map[string]struct {
		current  func(*testing.T) *parliament.Roster // nil: the embedded one
		edit     func(*testing.T, *testkit.MembersAPI)
		complete bool
		vacant   bool // Chorley, in the next roster
		want     func(*testing.T, *parliament.Diff)
	}{
		"a seat that nobody is listed for": {
			edit:   func(t *testing.T, api *testkit.MembersAPI) { api.Vacate(t, "Chorley") },
			vacant: true,
			want: func(t *testing.T, d *parliament.Diff) {
				d.Left, d.Unaccounted = []parliament.Entry{speaker(t)}, []parliament.Entry{seatOnly}
			},
		},
		"a seat known to be vacant": {
			current:  vacantChorley,
			edit:     func(t *testing.T, api *testkit.MembersAPI) {},
			complete: true, vacant: true,
			want: func(t *testing.T, d *parliament.Diff) { d.Vacant = []parliament.Entry{seatOnly} },
		},
		"a by-election": {
			current:  vacantChorley,
			edit:     func(t *testing.T, api *testkit.MembersAPI) { api.Add(rival) },
			complete: true,
			want:     func(t *testing.T, d *parliament.Diff) { d.Joined = []parliament.Entry{rivalEntry} },
		},
		"a new member in place of the old": {
			edit: func(t *testing.T, api *testkit.MembersAPI) {
				api.Vacate(t, "Chorley")
				api.Add(rival)
			},
			complete: true,
			want: func(t *testing.T, d *parliament.Diff) {
				d.Left, d.Joined = []parliament.Entry{speaker(t)}, []parliament.Entry{rivalEntry}
			},
		},
		"two members for one seat": {
			edit:   func(t *testing.T, api *testkit.MembersAPI) { api.Add(rival) },
			vacant: true,
			want: func(t *testing.T, d *parliament.Diff) {
				d.Unaccounted, d.Contested = []parliament.Entry{seatOnly}, []parliament.Entry{speaker(t), rivalEntry}
			},
		},
		"a name that is no constituency's": {
			edit: func(t *testing.T, api *testkit.MembersAPI) {
				api.Edit(t, "Chorley", func(m *testkit.APIMember) { m.Constituency = "Chorley and Leyland" })
			},
			vacant: true,
			want: func(t *testing.T, d *parliament.Diff) {
				e := speaker(t)
				e.Code, e.Constituency = "", "Chorley and Leyland"
				d.Unaccounted, d.Unmatched = []parliament.Entry{seatOnly}, []parliament.Entry{e}
			},
		},
		"a by-election in a seat that is not found": {
			current: vacantChorley,
			edit: func(t *testing.T, api *testkit.MembersAPI) {
				lost := rival
				lost.Constituency = "South Ribble and Chorley"
				api.Add(lost)
			},
			vacant: true,
			want: func(t *testing.T, d *parliament.Diff) {
				e := rivalEntry
				e.Code, e.Constituency = "", "South Ribble and Chorley"
				d.Vacant, d.Unmatched = []parliament.Entry{seatOnly}, []parliament.Entry{e}
			},
		},
		"a membership that has ended": {
			edit: func(t *testing.T, api *testkit.MembersAPI) {
				api.Edit(t, "Chorley", func(m *testkit.APIMember) { m.Inactive = true })
			},
			vacant: true,
			want: func(t *testing.T, d *parliament.Diff) {
				d.Left, d.Unaccounted = []parliament.Entry{speaker(t)}, []parliament.Entry{seatOnly}
				d.Notes = []string{"Sir Lindsay Hoyle (Chorley): listed, but the membership is not active; left out"}
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			current := embedded(t)
			if tt.current != nil {
				current = tt.current(t)
			}
			api := testkit.NewMembersAPI(t, current)
			tt.edit(t, api)
			client, _ := newClient(t, api)
			next, diff, err := parliament.Sync(t.Context(), client, current)
			if err != nil {
				t.Fatal(err)
			}
			want := parliament.Compare(current, current)
			want.Members = diff.Members
			want.Vacant = []parliament.Entry{}
			tt.want(t, &want)
			if d := cmp.Diff(want, diff); d != "" {
				t.Errorf("diff (-want +got):\n%s", d)
			}
			if diff.Complete() != tt.complete {
				t.Errorf("Complete() = %v", diff.Complete())
			}
			if seat, _ := next.Seat(chorley); seat.Vacant() != tt.vacant {
				t.Errorf("Chorley is vacant: %v; holder %+v", seat.Vacant(), seat.Member)
			}
		})
	}
}

func TestSync_TakesWhatTheAPIAdds(t *testing.T) {
	current := embedded(t)
	api := testkit.NewMembersAPI(t, current)
	api.Edit(t, "Chorley", func(m *testkit.APIMember) { m.Salutation = "Sir Lindsay " })
	api.Edit(t, "Aldershot", func(m *testkit.APIMember) { m.Email, m.LocalEmail = "", "office@alexbaker.org.uk" })
	api.Edit(t, "Preston", func(m *testkit.APIMember) { m.Email = "mark.hendrick.mp@parliament.uk\r\n" })
	api.Edit(t, "Ynys Môn", func(m *testkit.APIMember) { m.Email = "a@parliament.uk\r\nBcc: b@c.uk" })
	api.Edit(t, "Wrexham", func(m *testkit.APIMember) { m.Email, m.LocalEmail = "n/a", "office@wrexham.example" })
	client, _ := newClient(t, api)
	next, diff, err := parliament.Sync(t.Context(), client, current)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Aldershot": "office@alexbaker.org.uk",
		"Preston":   "mark.hendrick.mp@parliament.uk",
		"Ynys Môn":  "",
		"Wrexham":   "office@wrexham.example",
		"Chorley":   mustSeat(t, current, "Chorley").Member.Email,
	} {
		if got := mustSeat(t, next, name).Member.Email; got != want {
			t.Errorf("%s: email %q, want %q", name, got, want)
		}
	}
	if got := mustSeat(t, next, "Chorley").Member.AddressAs(); got != "Sir Lindsay" {
		t.Errorf("the Speaker is addressed as %q", got)
	}
	if !diff.Complete() || len(diff.Changed) != 5 {
		t.Errorf("diff:\n%s", diff)
	}
	note := `Llinos Medi (Ynys Môn): the address "a@parliament.uk\r\nBcc: b@c.uk" of the parliamentary office holds a line break`
	if !slices.Equal(diff.Notes, []string{note}) {
		t.Errorf("notes %q, want %q", diff.Notes, note)
	}
}

func mustSeat(t *testing.T, roster *parliament.Roster, name string) parliament.Seat {
	t.Helper()
	seat, ok := roster.ByName(name)
	if !ok {
		t.Fatalf("no seat %s", name)
	}
	return seat
}
