package postcode

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	oldONSPD = "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward,parish,usertype,oseast1m,osnrth1m,osgrdind,ctry,rgn,streg,pcon,lat,long\n" +
		"LS6 3AA,LS6  3AA,LS6 3AA,198001,,E99999999,E99999999,E08000035,E05011399,E99999999,0,0427,0436,1,E92000001,E12000003,0,E14001319,53.8,-1.5\n" +
		"LS6 3AB,LS6  3AB,LS6 3AB,198001,201206,E99999999,E99999999,E08000035,E05011399,E99999999,0,0427,0436,1,E92000001,E12000003,0,E14000777,53.8,-1.5\n" +
		"CF101AA,CF10 1AA,CF10 1AA,198001,,W99999999,W99999999,W06000015,W05001272,W04000841,0,0318,0176,1,W92000004,W99999999,0,W07000085,51.4,-3.1\n"
	newONSPD = "pcd7,pcd8,pcds,dointr,doterm,usrtypind,east1m,north1m,gridind,oa21cd,cty25cd,ced25cd,lad25cd,wd25cd,nhser24cd,ctry25cd,rgn25cd,pcon24cd,ttwa15cd,lat,long\n" +
		"LS6 3AA,LS6  3AA,LS6 3AA,198001,,0,427,436,1,E00,E99,E99,E08,E05,E40,E92000001,E12,E14001319,E30,53.8,-1.5\n" +
		"LS6 3AB,LS6  3AB,LS6 3AB,198001,201206,0,427,436,1,E00,E99,E99,E08,E05,E40,E92000001,E12,E14001319,E30,53.8,-1.5\n" +
		"CF101AA,CF10 1AA,CF10 1AA,198001,,0,318,176,1,W00,W99,W99,W06,W05,W11,W92000004,W99999999,W07000085,W22,51.4,-3.1\n"
	nspl = "pcd,pcd2,pcds,dointr,doterm,usertype,oseast1m,osnrth1m,osgrdind,oa11,cty,laua,ward,ctry,pcon,rgn,lat,long\n" +
		"LS6 3AA,LS6  3AA,LS6 3AA,198001,,0,0427,0436,1,E00,E99,E08,E05,E92000001,E14001319,E12,53.8,-1.5\n" +
		"LS6 3AB,LS6  3AB,LS6 3AB,198001,201206,0,0427,0436,1,E00,E99,E08,E05,E92000001,E14001319,E12,53.8,-1.5\n" +
		"CF101AA,CF10 1AA,CF10 1AA,198001,,0,0318,0176,1,W00,W99,W06,W05,W92000004,W07000085,W99,51.4,-3.1\n"
	plainTable = "pcds,doterm,pcon24cd\nLS6 3AA,,E14001319\nLS6 3AB,201206,E14001319\nCF10 1AA,,W07000085\n"
)

// buildText builds from text, with a source and date if opt has none.
func buildText(table string, opt Options) ([]byte, Summary, error) {
	opt.Source, opt.Date = "a test", "2025-05"
	return Build(strings.NewReader(table), int64(len(table)), opt)
}

// Every layout holds the same rows, and so must make the same index.
func TestBuild_layouts(t *testing.T) {
	want, summary, err := buildText(plainTable, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if summary.Rows != 3 || summary.Postcodes != 2 || summary.Terminated != 1 {
		t.Fatalf("the summary is %+v", summary)
	}
	for _, test := range []struct{ name, table string }{
		{"ONSPD until 2024", oldONSPD},
		{"ONSPD from 2025", newONSPD},
		{"NSPL", nspl},
		{"a byte order mark", "\uFEFF" + newONSPD},
		{"a byte order mark before a quote", "\uFEFF" + quoted(newONSPD)},
		{"quotes", quoted(oldONSPD)},
		{"lines that end in CR LF", strings.ReplaceAll(nspl, "\n", "\r\n")},
		{"no last line end", strings.TrimSuffix(plainTable, "\n")},
		{"a header in capitals", strings.Replace(plainTable, "pcds,doterm,pcon24cd", "PCDS, DoTerm ,PCON24CD", 1)},
		{"another year of boundaries", strings.Replace(plainTable, "pcon24cd", "pcon31cd", 1)},
		{"other columns of that name", "pconname,pcon10cd,pcds,doterm,pcon24cd\n" +
			"Leeds,E14000777,LS6 3AA,,E14001319\nLeeds,E14000777,LS6 3AB,201206,E14001319\nCardiff,W07000050,CF10 1AA,,W07000085\n"},
		{"other columns and rows order", "pcon24cd,pcds,doterm\nW07000085,CF10 1AA,\nE14001319,LS6 3AB,201206\nE14001319,LS6 3AA,\n"},
		{"gzip", gzipped(t, newONSPD)},
		{"the official zip", zipped(t, "Data/ONSPD_MAY_2025_UK.csv", newONSPD)},
		{"the official NSPL zip", zipped(t, "NSPL_2024/Data/NSPL_MAY_2024_UK.CSV", nspl)},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, s, err := buildText(test.table, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(summary, s); diff != "" {
				t.Errorf("summary (-plain +this):\n%s", diff)
			}
			if !bytes.Equal(got, want) {
				t.Error("the index differs from that of the plain layout")
			}
		})
	}
}

func TestBuild_summary(t *testing.T) {
	table := "pcds,doterm,pcon24cd\n" +
		"LS6 3AA,,E14001319\nLS6 3AB,,E14001319\nLS6 4AB,,E14001320\nLS7 4AB,199901,E14001320\n" +
		"CF10 1AA,,W07000085\nAB10 1AB,,S14000061\nBT1 5GS,,N05000002\n" +
		"AB10 1AF,,S14000021\n" + // a code that outlived the review
		"LS6 3AD,,\nLS6 3AE,,E99999999\nAB10 1AG,,S99999999\nCF10 1AB,,W99999999\nBT1 5GA,,N99999999\n" +
		"JE2 3QR,,L99999999\nGY1 1AA,,L99999999\nIM1 1AA,,M99999999\nBF1 2AT,,\nGIR 0AA,,E14001066\n"
	data, got, err := buildText(table, Options{Attribution: "© somebody"})
	if err != nil {
		t.Fatal(err)
	}
	want := Summary{
		Rows: 18, Terminated: 1, Outside: 5,
		Info: Info{
			Source: "a test", Date: "2025-05", Attribution: "© somebody",
			Version: 1, Checksum: got.Checksum, Bytes: len(data),
			Postcodes: 12, NonGeographic: 5,
			Nations: Nations{England: 3, Wales: 1, Scotland: 2, NorthernIreland: 1},
			Sectors: 5, Districts: 4, Constituencies: 6,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	x, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Info, x.Info()); diff != "" || len(got.Checksum) != 64 {
		t.Errorf("info (-want +got):\n%s", diff)
	}
}

func TestBuild_progress(t *testing.T) {
	for _, test := range []struct {
		name, file string
		total      int
	}{
		{"plain", newONSPD, len(newONSPD)},
		{"gzip", gzipped(t, newONSPD), len(gzipped(t, newONSPD))},
		{"zip", zipped(t, "Data/ONSPD.csv", newONSPD), len(newONSPD)},
	} {
		var done, total int64
		_, _, err := buildText(test.file, Options{Progress: func(d, t int64) {
			if d < done {
				total = -1
			}
			done, total = d, t
		}})
		if err != nil || done != int64(test.total) || total != done {
			t.Errorf("%s: progress ended at %d of %d, want %d; %v", test.name, done, total, test.total, err)
		}
	}
}

func quoted(table string) string {
	lines := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
	for i, line := range lines {
		lines[i] = `"` + strings.ReplaceAll(line, ",", `","`) + `"`
	}
	return strings.Join(lines, "\n")
}

func gzipped(t *testing.T, table string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, table); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// zipped packs a table as the ONS does, among smaller and larger files that are
// not the one.
func zipped(t *testing.T, name, table string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, file := range []struct{ name, text string }{
		{"User Guide/guide.pdf", strings.Repeat("%PDF", 1000)},
		{"Documents/names.csv", "PCON24CD,PCON24NM\nE14001319,Leeds\n"},
		{"Data/multi_csv/ONSPD_LS.csv", strings.Repeat("wrong,", 1000)},
		{name, table},
	} {
		f, err := w.Create(file.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, file.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
