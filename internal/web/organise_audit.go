package web

func (s *Server) auditRoutes(d desk) {}
