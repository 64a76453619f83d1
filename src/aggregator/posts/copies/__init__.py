"""Which posts are the same article. Pure: what posts say goes in, what is said of pairs and who leads comes out."""
