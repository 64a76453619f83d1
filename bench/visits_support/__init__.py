"""What ``bench/visits.py`` needs: a corpus of feeds, a web server that serves it, and the two programs compared."""
