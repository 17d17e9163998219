package view

import "postbag/internal/campaign"

// checkSamples is the check and its card in every state that looks different.
func checkSamples(frame func(title string) Frame) map[string]Page {
	start := frame("")
	start.Path, start.Exit = "/c/mps-not-border-guards/check", campaign.DefaultExit
	advice := []CheckAdvice{
		{"Joint Council for the Welfare of Immigrants (JCWI)", "Legal advice on immigration and asylum", "", "https://advice.example.org/help", "020 7946 0000"},
		{"Project 17", "Help for migrant families with children who have no money or nowhere to live", "en", "", ""},
	}
	answer := func(s campaign.Standing) CheckAnswer {
		a := CheckAnswer{Standing: s, Constituency: "Leeds Central and Headingley", Code: "E14001319", MP: "Jane Example", Party: "Labour"}
		switch s {
		case campaign.StandingPledged:
			a.On, a.Evidence = "2026-11-02", "https://jane.example.org/news/my-pledge?id=12"
		case campaign.StandingWithdrawn:
			a.On, a.TakenBack = "2026-11-02", "2026-11-20"
		case campaign.StandingVacant:
			a.MP, a.Party = "", ""
		}
		return a
	}
	pages := map[string]Page{
		"safe-ask":   CheckPage{Frame: start},
		"safe-wrong": CheckPage{Frame: start, Typed: "LS6", Error: "That is not a whole postcode. It should look like LS6 3HN. You can type your MP’s name instead."},
		"safe-card":  CheckCard{Frame: frame("Cards for advice centres"), Address: "letters.example.org/c/mps-not-border-guards/check", Code: sampleQR()},
	}
	which := CheckPage{Frame: start, Typed: "LS1 1AA", Which: "We don’t know that exact postcode: it may be new, or mistyped. Others in LS1 1 are in:"}
	for _, s := range campaign.Standings() {
		which.Answers = append(which.Answers, answer(s))
		pages["safe-"+string(s)] = CheckPage{Frame: start, Answers: []CheckAnswer{answer(s)}, Advice: advice}
	}
	pages["safe-which"] = which
	noEvidence := answer(campaign.StandingPledged)
	noEvidence.Evidence, noEvidence.Party = "", ""
	pages["safe-pledged-bare"] = CheckPage{Frame: start, Answers: []CheckAnswer{noEvidence}}
	told := answer(campaign.StandingExempt)
	told.About = "Jane Example is the Speaker of the House of Commons. By convention the Speaker signs no pledges, so there is no promise to go by."
	pages["safe-exempt-told"] = CheckPage{Frame: start, Answers: []CheckAnswer{told}, Advice: advice}
	return pages
}

func sampleQR() QR {
	code, err := NewQR("https://letters.example.org/c/mps-not-border-guards/check")
	if err != nil {
		panic(err)
	}
	return code
}
