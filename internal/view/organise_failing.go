package view

// FailingList are the addresses of MPs to which no letter goes, because letters
// came back from them.
type FailingList struct {
	Rows []FailingRow
	May  bool // let letters go there again
}

// FailingRow is one of them.
type FailingRow struct {
	ID                     int64
	Code, Place, MP, Email string
	Since                  string // the day
	Letters                int    // that had come back then
	Status                 string // the code with the last of them; empty: none
}
