"""Random programs, and what must hold of the linter's answer to each.

    python -m tests.fuzz --count 100000          # every kind, as a nightly run does
    python -m tests.fuzz --only tokens:4711      # one program again, made as small as it still fails

A program is made by its kind and its seed alone, so that a failure can be repeated anywhere. `test_fuzz` puts a small
share of them into every run of the tests.
"""
