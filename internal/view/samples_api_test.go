package view

// apiSamples is the page about the API.
func apiSamples(lang string, frame func(title string) Frame) map[string]Page {
	words := ""
	if lang != DefaultLang {
		words = DefaultLang
	}
	row := []APIRow{{Name: "format", Query: true, Text: CodeWords("`json` or `csv`.")}, {Name: "200", Text: CodeWords("The counts.")}}
	return map[string]Page{"api": API{
		Frame: frame("Build your own"), Words: words, File: "/api/v1/openapi.json", Intro: CodeWords("Everything here is public."),
		Topics: []APITopic{{"keys", "Keys", CodeWords("Send it as `Authorization: Bearer pbk_…`, and keep it.")}},
		Groups: []APIGroup{{"campaigns", "Campaigns", "What is asked.", []APIOperation{{
			ID: "getCounts", Summary: "Count a campaign’s letters", Path: "/api/v1/campaigns/{campaign}/counts", Text: CodeWords("In all and by constituency."),
			Parameters: row[:1], Answers: row[1:], Besides: []string{"304", "401"}, Curl: "curl https://letters.example.org/api/v1/campaigns/one/counts", Examples: []string{"{\n  \"letters\": 4182\n}"},
		}}}},
	}}
}
