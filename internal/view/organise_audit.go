package view

// auditPages are the pages of the audit log.
var auditPages = []Page{}
