package view

import "strings"

// FormField is one labelled field of a form of the workspace: a line.
type FormField struct {
	ID, Name, Type string
	Autocomplete   string
	Label, Hint    string
	Value, Error   string
	Required       bool
}

// Describes lists the ids of what describes the field; empty for none.
func (f FormField) Describes() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.ID+"-error")
	}
	return strings.Join(ids, " ")
}

// With adds a hint to the field.
func (f FormField) With(hint string) FormField {
	f.Hint = hint
	return f
}

// Field prepares a field that must be filled in. What is typed as a password is
// never shown again.
func (f DeskForm) Field(name, label, kind, autocomplete string) FormField {
	field := FormField{
		ID: name, Name: name, Type: kind, Autocomplete: autocomplete, Label: label,
		Value: f.Values[name], Error: f.Errors[name], Required: true,
	}
	if kind == "password" {
		field.Value = ""
	}
	return field
}

// deskField prepares a field whose words are the messages desk.field.KEY.label
// and, where there is one, desk.field.KEY.hint. What was typed, and what is wrong
// with it, stand in the form under its id.
func (w *words) deskField(form DeskForm, id, name, key, kind string, required bool) (FormField, error) {
	label, err := w.say("desk.field." + key + ".label")
	if err != nil {
		return FormField{}, err
	}
	f := form.Field(id, label, kind, "off").With(w.plain["desk.field."+key+".hint"])
	f.Name, f.Required = name, required
	return f, nil
}
