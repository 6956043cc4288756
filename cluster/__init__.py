"""A real OpenSearch cluster on this machine's loopback, out of Maven Central's jars: for trying and for tests."""
