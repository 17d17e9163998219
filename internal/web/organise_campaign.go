package web

func (s *Server) campaignRoutes(d desk) {}
