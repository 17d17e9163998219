package web_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"postbag/internal/campaign"
	"postbag/internal/parliament"
)

func TestMPs_ForPrograms(t *testing.T) {
	s := listed(t, map[string]int{leedsNW: 12, sobel: 4}, map[string]campaign.Pledge{
		sobel: {On: "2026-01-02", Evidence: "https://example.org/pledge"}, cardiff: {On: "2026-01-02", WithdrawnOn: "2026-02-03"},
	})
	replaceSeat(t, s, "N05000001", func(seat *parliament.Seat) { seat.Member = parliament.Member{} })
	replaceSeat(t, s, chorley, func(seat *parliament.Seat) { seat.Member.Party = `=HYPERLINK("https://evil.example","x")` })

	j := s.get(mpsPath + ".json")
	var got struct {
		Attribution    []string
		Total, Pledged int
		MPs            []struct {
			Code, Constituency, Nation, Region, MP, Party, Pledge, Evidence string
			MemberID                                                        *int   `json:"member_id"`
			ConstituencyCy                                                  string `json:"constituency_cy"`
			PledgedOn                                                       string `json:"pledged_on"`
			WithdrawnOn                                                     string `json:"withdrawn_on"`
			Letters                                                         *int
		}
	}
	if err := json.Unmarshal([]byte(j.body), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.MPs) != 650 || got.Total != 650 || got.Pledged != 1 || len(got.Attribution) == 0 {
		t.Errorf("%d MPs, total %d, pledged %d, attribution %v", len(got.MPs), got.Total, got.Pledged, got.Attribution)
	}
	for _, m := range got.MPs {
		switch m.Code {
		case sobel:
			if m.Pledge != "pledged" || m.PledgedOn != "2026-01-02" || m.Evidence != "https://example.org/pledge" || m.Letters != nil || m.MemberID == nil || m.Region != "Yorkshire and The Humber" {
				t.Errorf("%+v", m)
			}
		case leedsNW:
			if m.Pledge != "not_yet" || m.Letters == nil || *m.Letters != 12 || m.PledgedOn != "" {
				t.Errorf("%+v", m)
			}
		case cardiff:
			if m.Pledge != "withdrawn" || m.WithdrawnOn != "2026-02-03" || m.ConstituencyCy != "Dwyrain Caerdydd" || m.Nation != "Wales" {
				t.Errorf("%+v", m)
			}
		case "N05000001":
			if m.Pledge != "vacant" || m.MemberID != nil || m.MP != "" {
				t.Errorf("%+v", m)
			}
		}
	}

	c := s.get(mpsPath + ".csv")
	records, err := csv.NewReader(strings.NewReader(c.body)).ReadAll()
	if err != nil || len(records) != 651 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	column := map[string]int{}
	for i, name := range records[0] {
		column[name] = i
	}
	for _, r := range records[1:] {
		switch r[0] {
		case sobel:
			if r[column["letters"]] != "" || r[column["pledge"]] != "pledged" || r[column["mp"]] != "Alex Sobel" {
				t.Errorf("%q", r)
			}
		case leedsNW:
			if r[column["letters"]] != "12" {
				t.Errorf("%q", r)
			}
		case chorley:
			if got := r[column["party"]]; !strings.HasPrefix(got, "'=") {
				t.Errorf("a formula went through: %q", got)
			}
		}
	}
	for name, a := range map[string]answer{"text/csv": c, "application/json": j} {
		if !strings.HasPrefix(a.Header.Get("Content-Type"), name+"; charset=utf-8") || a.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(a.Header.Get("Link"), `rel="license"`) {
			t.Errorf("%s: %v", name, a.Header)
		}
		if strings.Contains(a.body, "olga") || !strings.Contains(a.body, "Ynys Môn") {
			t.Errorf("%s names organisers, or has lost its accents", name)
		}
	}
}
