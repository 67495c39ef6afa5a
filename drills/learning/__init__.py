"""What a drill teaches: marks, result, report, and the ledger of improvements."""
