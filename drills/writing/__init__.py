"""Scenarios that directors write in the page: drafts, forms, beginnings."""
