package view

// campaignPages are the pages on which campaigns are made.
var campaignPages = []Page{}
