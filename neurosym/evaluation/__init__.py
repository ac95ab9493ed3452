"""A model against the oracles: what to ask (`problems`), asking it (`run`), keeping what it said (`kept`), judging that
(`judged`), and the figures (`scores`), for two models side by side (`compare`) and as a page (`page`).

Contract of an evaluation's folder OUT, each file whole or resumed:
    run.json            what fixes the run: model, sampling, digest of the problems
    problems.parquet    the records asked, with the schema of every lake
    outputs.jsonl       {"id", "outputs": [{"text", "tokens", "seconds", "logprob", "error"}, …]}, one line a record
    verdicts.jsonl      {"id", "canonical_id", …, "answers": [{"status", …}, …]}, one line a record, in order
    evaluation.json     the scores
"""
