"""How good predictions were, and what campaigns really brought."""
