"""A closed incident becomes a scenario: names replaced, times kept, expectations proposed."""
