package view

import "strings"

// TypedField is one labelled field of a form of the workspace. Its words are the
// messages desk.field.KEY.label and, where there is one, desk.field.KEY.hint.
type TypedField struct {
	ID, Name, Type      string
	Label, Hint         string
	Value, Error        string
	Required, Lowercase bool
	Describes           string // ids for aria-describedby; empty: none
}

// typedField prepares a field. What was typed, and what is wrong with it, stand in
// the form under its id.
func (w *words) typedField(form DeskForm, id, name, key, kind string, required bool) (TypedField, error) {
	label, err := w.say("desk.field." + key + ".label")
	if err != nil {
		return TypedField{}, err
	}
	f := TypedField{
		ID: id, Name: name, Type: kind, Label: label, Hint: w.plain["desk.field."+key+".hint"],
		Value: form.Values[id], Error: form.Errors[id], Required: required, Lowercase: kind == "email" || kind == "url",
	}
	var ids []string
	if f.Hint != "" {
		ids = append(ids, id+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, id+"-error")
	}
	f.Describes = strings.Join(ids, " ")
	return f, nil
}
