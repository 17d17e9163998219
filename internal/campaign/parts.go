package campaign

// The kinds of parts of a campaign that organisers add and remove.
const (
	PartLanguage  = "language"
	PartLetter    = "letter"
	PartExclusion = "exclusion"
)

// Removable reports whether a part can go: no rule names it, and it is neither the
// letter to everyone whom no rule catches nor the default language.
func (f File) Removable(kind, key string) bool {
	switch kind {
	case PartLanguage:
		return key != f.DefaultLanguage
	case PartLetter:
		return key != string(VariantAsk) && len(f.Uses(key, false)) == 0
	case PartExclusion:
		return len(f.Uses(key, true)) == 0
	}
	return false
}

// Remove takes a part out of every language that has it, and reports whether it
// may.
func (f *File) Remove(kind, key string) bool {
	if !f.Removable(kind, key) {
		return false
	}
	if kind == PartLanguage {
		delete(f.Texts, key)
		return true
	}
	for _, t := range f.Texts {
		if kind == PartLetter {
			delete(t.Letters, key)
		} else {
			delete(t.Exclusions, key)
		}
	}
	return true
}
