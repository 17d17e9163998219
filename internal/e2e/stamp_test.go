package e2e

import "testing"

// TestStamp: the number on the campaign's stamp stands on one line within the
// stamp, however many letters there are, also on a machine whose serif is as
// wide as any.
func TestStamp(t *testing.T) {
	t.Parallel()
	for _, letters := range []int{4_444, 28_888, 127_674} {
		p := start(t)
		db := p.database()
		p.sent(db, leeds, letters)
		db.Close()
		for _, d := range []device{{name: "narrow", width: 320, height: 568, touch: true}, phone, desktop} {
			b := p.open(d)
			b.visit(atCampaign)
			for _, serif := range []string{"", "DejaVu Serif"} {
				got := eval[struct {
					Text        string
					Lines       int
					Left, Right float64 // room beside the number
				}](b, `(() => {
					if (%s) document.documentElement.style.setProperty("--serif", %[1]s);
					const n = document.querySelector(".stamp-n"), panel = n.parentElement.getBoundingClientRect(), edge = parseFloat(getComputedStyle(n.parentElement).paddingLeft);
					const range = document.createRange();
					range.selectNodeContents(n);
					const is = range.getBoundingClientRect();
					return {Text: n.textContent, Lines: range.getClientRects().length, Left: is.left - panel.left - edge, Right: panel.right - edge - is.right};
				})()`, serif)
				if got.Lines != 1 || got.Left < 2 || got.Right < 2 || len(got.Text) < 5 {
					t.Errorf("%s, %s: %d letters are %+v on the stamp", d.name, serif, letters, got)
				}
			}
		}
	}
}
