"""Encryption, retention and log groups, whatever keeps the data."""
