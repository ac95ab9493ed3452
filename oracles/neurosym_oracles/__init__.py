"""The oracles and checkers that come with neurosym: one file for each, found by the registry without a reinstall."""
