"""What a request says: headers, query and body go in; the reader, their language and their question come out."""
