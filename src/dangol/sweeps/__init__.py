"""Many runs in one command: what differs between them, which are done, and how they compare."""
