package view

// letterPages are the pages of letters that wait for a decision.
var letterPages = []Page{}
