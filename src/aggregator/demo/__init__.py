"""What can be looked at without the internet."""

from enum import StrEnum


class DemoName(StrEnum):
    """The digests that the demo has."""

    #: Of the shipped parts and topics.
    MONTHLY = "monthly"
    #: Of another field, adopted from its issues.
    WEEKLY = "weekly"
