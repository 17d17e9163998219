package view

// Stop is where whoever does not want to be asked about their letter any more says
// so. It is the same whatever its address, as Unsubscribe is.
type Stop struct {
	Frame
	Token string
	Done  bool
}

func (Stop) template() string { return "stop" }
