"""The desk: database, use cases, pages, API and jobs of an incident."""
