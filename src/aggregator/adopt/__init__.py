"""Reads a list that somebody else keeps, and finds out how to go on with it: its lines with the days on which they were
chosen, its parts and topics, how it prints a line, and how often it comes out. Pure.

The pages of this program are read by :mod:`aggregator.digest.read`, to the byte; here any page of links is read, as
well as it can be, and what was not understood is said by line.
"""
