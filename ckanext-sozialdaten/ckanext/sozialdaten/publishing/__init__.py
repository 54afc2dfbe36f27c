"""The gate: working copy, check, review, release; the only writer of public datasets."""
