package web

func (s *Server) accountRoutes(d desk) {}
