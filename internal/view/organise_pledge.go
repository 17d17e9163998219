package view

// pledgePages are the pages of pledges and MPs.
var pledgePages = []Page{}
