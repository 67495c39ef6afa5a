"""The states of a message, from the queue to the end."""

QUEUED, SENDING, UNCERTAIN = "queued", "sending", "uncertain"
HELD = "held"  # it waits to be told together with others of the same telephone
FOLDED = "folded"  # another message tells it
WITHDRAWN = "withdrawn"  # nobody needs it any more
RESTING = "resting"  # of a drill that a real incident stopped
ACCEPTED, SENT, REFUSED, DEAD = "accepted", "sent", "refused", "dead"
OPEN = (QUEUED, SENDING, UNCERTAIN)  # nobody has taken it yet, as far as we know
SILENT = (ACCEPTED, SENT)  # taken, and what became of it is not known
ARRIVED = frozenset({"delivered", "read", "completed"})
FAILED = frozenset({"undelivered", "failed", "canceled", "busy", "no-answer", REFUSED, DEAD})
