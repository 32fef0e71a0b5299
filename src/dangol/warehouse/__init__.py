"""The integrated customer warehouse: taking raw rows in, setting bad ones aside, reconciling."""
