"""What goes wrong in the playing of a drill, and whose fault it is."""

from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from incident.operations.engine import LeaseLost

ELSEWHERE = (LeaseLost, OperationalError, InterfaceError, TimeoutError)
"""What is no fault of an inject or a deed: the database is away, or another engine drives."""
UNFORESEEN = "unforeseen"
"""The code of a failure that nobody foresaw; the log tells more."""
