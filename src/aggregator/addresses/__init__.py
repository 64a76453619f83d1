"""Web addresses: their canonical form, and what a host says about them."""
