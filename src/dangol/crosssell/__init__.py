"""Which product categories go together, and what to offer each customer next."""
