"""Every read for pages and lists, a file a subject."""
