Once an hour the scheduler brings storage, DataStore, index and lake in line with the database and
tidies the lake; `harvest/erasures.jsonl` says what was erased and when, never of whom.
`sozialdaten bench publishing` measures check, submission and release beside plain CKAN.
