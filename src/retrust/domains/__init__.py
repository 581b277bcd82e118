"""Domains: what an instance is made of, and how its parts are absent."""
