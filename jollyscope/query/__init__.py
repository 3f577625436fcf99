"""Listing, finding and loading: what screens and commands ask of a store."""
