"""The tables, one file a subject."""

from incident.models.attachments import Attachment
from incident.models.briefings import Briefing, Rendering
from incident.models.clocks import IncidentClock
from incident.models.consultations import Consultation, Invitation, Opinion
from incident.models.engine import EngineLease
from incident.models.entries import ChainHead, Entry
from incident.models.facts import Observation
from incident.models.grading import GradeProposal
from incident.models.holidays import Holiday
from incident.models.incidents import Incident, NumberSeries
from incident.models.messages import OutgoingMessage, Receipt
from incident.models.people import Role, SignInFailure, Token, User, WebSession
from incident.models.reports import Draft, Report, Submission
from incident.models.reviews import FollowUp, Review
from incident.models.tasks import Evidence, Task

__all__ = [
    "Attachment",
    "Briefing",
    "ChainHead",
    "Consultation",
    "Draft",
    "EngineLease",
    "Entry",
    "Evidence",
    "FollowUp",
    "GradeProposal",
    "Holiday",
    "Incident",
    "IncidentClock",
    "Invitation",
    "NumberSeries",
    "Observation",
    "Opinion",
    "OutgoingMessage",
    "Receipt",
    "Rendering",
    "Report",
    "Review",
    "Role",
    "SignInFailure",
    "Submission",
    "Task",
    "Token",
    "User",
    "WebSession",
]
