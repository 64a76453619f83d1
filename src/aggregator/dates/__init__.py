"""Dates as feeds and pages write them."""
