"""How good guesses and shortlists are, on what was kept apart."""
