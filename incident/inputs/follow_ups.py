"""What whoever ends a follow-up brings."""

from incident.inputs.base import Input, Reason


class Finished(Input):
    """整改办结: what was done, and how it was checked."""

    note: Reason
