"""The rules: values in, values out; no database, web, clock or network."""
