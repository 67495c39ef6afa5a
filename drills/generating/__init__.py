"""Plausible outbreaks and batch clusters, by seed, as scenarios."""
