package view

import "strings"

// API is the page for those who write programs that ask this site. What the
// description of the API says is in English, whatever the page's language.
type API struct {
	Frame
	Words  string // language of what the description says, where that is not the page's; empty otherwise
	File   string // address of the description for programs
	Intro  []APIWord
	Topics []APITopic
	Groups []APIGroup
}

// APITopic is something that holds for all of it.
type APITopic struct {
	ID, Heading string
	Text        []APIWord
}

// APIGroup is what can be asked about one thing.
type APIGroup struct {
	ID, Name, Note string
	Operations     []APIOperation
}

// APIOperation is one way to ask: a GET of a path.
type APIOperation struct {
	ID, Summary, Path string
	Text              []APIWord
	Parameters        []APIRow
	Answers           []APIRow // by status
	Besides           []string // statuses that are explained above
	Curl              string
	Examples          []string
}

// APIRow explains a parameter or a status.
type APIRow struct {
	Name  string
	Query bool // a parameter behind the question mark
	Text  []APIWord
}

// APIWord is some words, or some code among them.
type APIWord struct {
	Text string
	Code bool
}

// CodeWords takes text apart into words and the code that stands between
// backticks in it.
func CodeWords(text string) []APIWord {
	var words []APIWord
	for i, part := range strings.Split(text, "`") {
		if part != "" {
			words = append(words, APIWord{part, i%2 == 1})
		}
	}
	return words
}

func (API) template() string { return "api" }
