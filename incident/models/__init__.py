"""The tables, one file a subject."""

from incident.models.alerts import Alert, AlertPerson, ManualCall, Reply
from incident.models.attachments import Attachment
from incident.models.briefings import Briefing, Rendering
from incident.models.clocks import IncidentClock
from incident.models.commtests import CommTest, CommTestPerson
from incident.models.consultations import Consultation, Invitation, Opinion
from incident.models.duty import (
    Absence,
    ContactCheck,
    DutyFeed,
    DutyOverride,
    DutyReminder,
    Post,
    Rotation,
    Swap,
)
from incident.models.engine import EngineLease
from incident.models.entries import ChainHead, Entry
from incident.models.facts import Observation
from incident.models.grading import GradeProposal
from incident.models.holidays import Holiday
from incident.models.incidents import Incident, NumberSeries
from incident.models.instructions import Instruction
from incident.models.messages import OutgoingMessage, Receipt
from incident.models.oversight import Halt, Oversight, Promise
from incident.models.pace import Stretch
from incident.models.people import Role, SignInFailure, Token, User, WebSession
from incident.models.providers import Provider
from incident.models.reports import Draft, Report, Submission
from incident.models.reviews import FollowUp, Review
from incident.models.sirens import SirenAnswer
from incident.models.spooled import SpooledReport
from incident.models.tasks import Evidence, Task
from incident.models.watchkeeping import Handover, HandoverItem, LogDay, LogEntry, ReliefCheck

__all__ = [
    "Absence",
    "Alert",
    "AlertPerson",
    "Attachment",
    "Briefing",
    "ChainHead",
    "CommTest",
    "CommTestPerson",
    "Consultation",
    "ContactCheck",
    "Draft",
    "DutyFeed",
    "DutyOverride",
    "DutyReminder",
    "EngineLease",
    "Entry",
    "Evidence",
    "FollowUp",
    "GradeProposal",
    "Halt",
    "Handover",
    "HandoverItem",
    "Holiday",
    "Incident",
    "IncidentClock",
    "Instruction",
    "Invitation",
    "LogDay",
    "LogEntry",
    "ManualCall",
    "NumberSeries",
    "Observation",
    "Opinion",
    "OutgoingMessage",
    "Oversight",
    "Post",
    "Promise",
    "Provider",
    "Receipt",
    "ReliefCheck",
    "Rendering",
    "Reply",
    "Report",
    "Review",
    "Role",
    "Rotation",
    "SignInFailure",
    "SirenAnswer",
    "SpooledReport",
    "Stretch",
    "Submission",
    "Swap",
    "Task",
    "Token",
    "User",
    "WebSession",
]
