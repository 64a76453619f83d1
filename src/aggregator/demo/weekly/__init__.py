"""A second digest for the demo: an invented weekly of data engineering, with its history in git and what its sources
publish. No word of the shipped parts and topics is in it.
"""
