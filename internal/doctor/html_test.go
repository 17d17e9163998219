package doctor

import "testing"

// What browsers take for an attribute may be nothing that can be written as one.
func TestTag_leavesOutWhatIsNoName(t *testing.T) {
	in := read(Page{URL: address(t, "https://friends.example/"), HTML: `<iframe srcdo/="<p title='a b' on"x=1 data-é src=b>`})
	if len(in.frames) != 1 {
		t.Fatalf("%d frames", len(in.frames))
	}
	if got := in.frames[0].tag("src", "https://a.example/"); got != `<iframe srcdo title="a b" data-é src="https://a.example/">` {
		t.Error(got)
	}
}
