"""Settings of the response network searched within a budget, each trial a tracked run."""
