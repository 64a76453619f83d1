"""Units of work on other machines: owns Dask, which is loaded only where a cluster is set.

``pool`` is a pool of workers as ``fetch.workers`` has it; ``link`` holds the connection to the scheduler of a cluster,
``units`` is what its workers call, ``serving`` runs a worker or a scheduler.
"""
