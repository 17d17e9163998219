package web

func (s *Server) letterRoutes(d desk) {}
