package view

// accountPages are the pages about accounts: one's own, and everybody's.
var accountPages = []Page{}
