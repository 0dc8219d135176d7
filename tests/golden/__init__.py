"""Fingerprints of a few runs: a change of any number shows, and says where."""
