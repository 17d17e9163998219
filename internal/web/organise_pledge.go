package web

func (s *Server) pledgeRoutes(d desk) {}
