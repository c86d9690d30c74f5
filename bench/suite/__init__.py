"""Measures the server against its peers, one core each for server and load, and holds it to the bounds of issue 3."""
