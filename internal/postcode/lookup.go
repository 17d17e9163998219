package postcode

import (
	"cmp"
	"slices"
)

// Answer is the kind of a Result.
type Answer uint8

// The answers that a lookup can give.
const (
	Malformed     Answer = iota // not a postcode
	Found                       // it has a constituency
	UnknownUnit                 // well formed, but not in the data: new, ended or mistyped
	NonGeographic               // it exists, and has no place: a PO box or the like
	OutsideData                 // it belongs to a Place that the data leaves out
)

var answerNames = [...]string{
	Malformed:     "malformed",
	Found:         "found",
	UnknownUnit:   "unknown_unit",
	NonGeographic: "non_geographic",
	OutsideData:   "outside_data",
}

// String gives a stable name in lower case, such as "non_geographic".
func (a Answer) String() string { return answerNames[a] }

// Result is what an Index knows of a postcode.
type Result struct {
	Answer   Answer
	Postcode Postcode // zero if Malformed

	// Constituency is the ONS code, set if Found.
	Constituency string

	// Candidates are set if UnknownUnit: the constituencies that share the
	// postcode's sector, else its district, those with the most postcodes
	// first; none if the district is unknown too. Within names the sector
	// ("LS6 3") or the district ("LS6") that they share.
	Candidates []string
	Within     string

	// Place is set if OutsideData.
	Place Place
}

// Find looks up a postcode as a person typed it; see Parse. A postcode that is
// found costs no allocation.
func (x *Index) Find(typed string) Result {
	p, err := Parse(typed)
	if err != nil {
		return Result{Answer: Malformed}
	}
	return x.Lookup(p)
}

// Lookup says what the index knows of a postcode. A postcode that is found
// costs no allocation. The zero Postcode is Malformed.
func (x *Index) Lookup(p Postcode) (r Result) {
	if p.out < firstSpecial {
		s := &x.sectors[x.sector(p)]
		if unit := int(p.in & unitMask); s.units.has(unit) {
			r.Answer, r.Postcode = NonGeographic, p
			if code := x.runs[s.runOf(unit)]; code != 0 {
				r.Answer, r.Constituency = Found, x.codes[code]
			}
			return r
		}
	}
	return x.explain(p)
}

// explain answers for a postcode that is not in the index.
func (x *Index) explain(p Postcode) Result {
	place := p.Place()
	if place == NorthernIreland && x.info.Nations.NorthernIreland > 0 {
		place = NoPlace
	}
	switch {
	case p == Postcode{}:
		return Result{Answer: Malformed}
	case place != NoPlace:
		return Result{Answer: OutsideData, Postcode: p, Place: place}
	case p.isGirobank():
		return Result{Answer: NonGeographic, Postcode: p}
	}
	r := Result{Answer: UnknownUnit, Postcode: p}
	if s := x.sector(p); s != 0 {
		r.Candidates = x.constituencies(s)
		r.Within = p.sector()
	}
	if d := int(x.district(p.out)); d != 0 && len(r.Candidates) == 0 {
		r.Candidates = x.constituencies(x.sectorOf[d*10 : d*10+10]...)
		r.Within = p.outward()
	}
	if len(r.Candidates) == 0 {
		r.Within = ""
	}
	return r
}

// constituencies lists those of the sectors, by their number of postcodes.
func (x *Index) constituencies(sectors ...uint16) []string {
	type share struct {
		code  uint16
		units int
	}
	var shares []share // few enough to search in turn
	for _, n := range sectors {
		if n == 0 {
			continue
		}
		x.eachRun(&x.sectors[n], func(code uint16, units int) {
			for i := range shares {
				if shares[i].code == code {
					shares[i].units += units
					return
				}
			}
			if code != 0 {
				shares = append(shares, share{code, units})
			}
		})
	}
	slices.SortFunc(shares, func(a, b share) int {
		return cmp.Or(b.units-a.units, int(a.code)-int(b.code))
	})
	names := make([]string, len(shares))
	for i, s := range shares {
		names[i] = x.codes[s.code]
	}
	return names
}
