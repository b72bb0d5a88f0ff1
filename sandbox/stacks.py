"""A stack of CloudFormation, as it truly is."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True, kw_only=True)
class Stack:
    """One stack: its outputs, and the physical ids of its resources by their logical ones."""

    name: str
    account: str
    region: str
    created_at: datetime
    tags: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    bucket: str | None = None
    status: str = "CREATE_COMPLETE"
    gone_at: datetime | None = None
