package campaign

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Limits are how much may come before checks hold letters, or have them wait. The
// zero Limits hold nothing back.
type Limits struct {
	Address  Rate `json:"address"` // letters from one network: see Network
	Email    Rate `json:"email"`
	Postcode Rate `json:"postcode"`
	Campaign Rate `json:"campaign"`
	Similar  int  `json:"similar"` // letters that are alike before the next is held; 0: any number
	Seats    int  `json:"seats"`   // constituencies that one inbox may write about; 0: any number

	// How old a form may be when it is sent. Old of 0: nobody looks.
	Young, Old time.Duration `json:"-"`
}

// Count reports whether letters are counted by who sends them.
func (l Limits) Count() bool { return l.Address != Rate{} || l.Email != Rate{} || l.Postcode != Rate{} }

// Rate is how many letters may come in an hour, and in a day; 0: any number.
type Rate struct {
	Hour int `json:"hour"`
	Day  int `json:"day"`
}

// StrictLimits are those of production: a household, a street or a library never
// meets them.
func StrictLimits() Limits {
	return Limits{
		Address: Rate{60, 300}, Email: Rate{4, 8}, Postcode: Rate{8, 20}, Campaign: Rate{2000, 10_000},
		Similar: 5, Seats: 1, Young: 4 * time.Second, Old: 24 * time.Hour,
	}
}

// GenerousLimits are those of development: whoever tries things out never meets them.
func GenerousLimits() Limits {
	return Limits{
		Address: Rate{100_000, 1_000_000}, Email: Rate{1000, 10_000}, Postcode: Rate{1000, 10_000}, Campaign: Rate{100_000, 1_000_000},
		Similar: 1000, Seats: 50,
	}
}

// Bounds are the most that organisers may set where the operator says nothing else:
// ten times as much as stands in their place.
func (l Limits) Bounds() Limits {
	for _, n := range l.numbers() {
		*n.value *= 10
	}
	return l
}

// number is one of the numbers of Limits, by the name that it has in settings and
// forms.
type number struct {
	name  string
	value *int
}

func (l *Limits) numbers() []number {
	return []number{
		{"address_hour", &l.Address.Hour}, {"address_day", &l.Address.Day},
		{"email_hour", &l.Email.Hour}, {"email_day", &l.Email.Day},
		{"postcode_hour", &l.Postcode.Hour}, {"postcode_day", &l.Postcode.Day},
		{"campaign_hour", &l.Campaign.Hour}, {"campaign_day", &l.Campaign.Day},
		{"similar", &l.Similar}, {"seats", &l.Seats},
	}
}

// LimitNames lists the names of the numbers.
func LimitNames() (names []string) {
	for _, n := range new(Limits).numbers() {
		names = append(names, n.name)
	}
	return names
}

// Get returns the number of a name; 0 if there is none.
func (l Limits) Get(name string) int {
	for _, n := range l.numbers() {
		if n.name == name {
			return *n.value
		}
	}
	return 0
}

// Set sets the number of a name, if there is one.
func (l *Limits) Set(name string, value int) {
	for _, n := range l.numbers() {
		if n.name == name {
			*n.value = value
		}
	}
}

// within returns the limits with no number above that of most, where 0 is above all
// others.
func (l Limits) within(most Limits) Limits {
	bounds := most.numbers()
	for i, n := range l.numbers() {
		if bound := *bounds[i].value; bound > 0 && (*n.value <= 0 || *n.value > bound) {
			*n.value = bound
		}
	}
	return l
}

// mostLimit is the most that any number can be.
const mostLimit = 10_000_000

// ParseLimits reads what an operator wants otherwise, such as
// "address_hour=600,address_day=0" (0: any number), and returns base with it. The
// error completes "POSTBAG_LIMITS ".
func ParseLimits(s string, base Limits) (Limits, error) {
	set, wrong := map[string]bool{}, []string{}
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		n, err := strconv.Atoi(strings.TrimSpace(value))
		known := false
		for _, number := range base.numbers() {
			if number.name == name {
				known, *number.value = true, n
			}
		}
		if err != nil || n < 0 || n > mostLimit || !known || set[name] {
			wrong = append(wrong, strconv.Quote(part))
		}
		set[name] = true
	}
	if len(wrong) > 0 {
		return base, fmt.Errorf("has %s; it must be names and numbers with commas between them, each name once, such as address_hour=600 (names: %s; 0: any number)", strings.Join(wrong, ", "), strings.Join(LimitNames(), ", "))
	}
	return base, nil
}

// Network is the network that an address counts to: what one connection, household or
// office commonly has. All of those that are not known are one.
func Network(a netip.Addr) string {
	bits := 24
	if a = a.Unmap(); a.Is6() {
		bits = 56
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}
