"""What lies behind each address: a request goes in, a page, a feed, JSON or a session comes out."""
