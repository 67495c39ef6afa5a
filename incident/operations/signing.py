"""What a chair's signature covers, and the digest that stands for it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from incident.models import Consultation, Opinion


def signed_content(consultation: Consultation, opinions: Sequence[Opinion]) -> dict[str, Any]:
    """Return what the signature covers: question, evidence, opinions, conclusion."""
    return {
        "consultation": consultation.id,
        "evidence": consultation.digest,
        "opinions": [
            [row.expert_id, row.grade, row.cause, row.measures, row.confidence, row.text]
            for row in opinions
        ],
        "conclusion": consultation.conclusion,
        "dissent": consultation.dissent,
        "adopted": consultation.adopted,
        "signed_by": consultation.signed_by,
        "signed_at": consultation.signed_at,
    }


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of content as canonical JSON."""
    told = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()
