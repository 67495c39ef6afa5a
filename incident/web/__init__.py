"""The pages: one blueprint a subject, thin over operations and queries."""
