"""Access: who comes in (API keys, tickets, invitations, session tokens), what they may do, and how often."""

from server.access.api_keys import ApiCaller, ApiKey, SignedRequest, sign
from server.access.entry import Entry, Grant, Minted
from server.access.errors import AccessRefused, MasterKeyLost, RefusalCode
from server.access.gate import Access, Clock, wall_clock_ms
from server.access.limits import RATES, SIZES, LimitName, Limits, Rate, TokenBucket, rates_with
from server.access.names import NAME_MAX, TITLE_MAX, clean_name, clean_slug
from server.access.policy import (
    ANYONE,
    NOWHERE,
    PARTICIPANT_ROLES,
    ROWS,
    Action,
    Actor,
    Place,
    Reach,
    Role,
    Row,
    action_of,
    allow,
    may,
    requires,
)
from server.access.secrets_at_rest import load_master_key

__all__ = [
    "ANYONE",
    "NAME_MAX",
    "NOWHERE",
    "PARTICIPANT_ROLES",
    "RATES",
    "ROWS",
    "SIZES",
    "TITLE_MAX",
    "Access",
    "AccessRefused",
    "Action",
    "Actor",
    "ApiCaller",
    "ApiKey",
    "Clock",
    "Entry",
    "Grant",
    "LimitName",
    "Limits",
    "MasterKeyLost",
    "Minted",
    "Place",
    "Rate",
    "Reach",
    "RefusalCode",
    "Role",
    "Row",
    "SignedRequest",
    "TokenBucket",
    "action_of",
    "allow",
    "clean_name",
    "clean_slug",
    "load_master_key",
    "may",
    "rates_with",
    "requires",
    "sign",
    "wall_clock_ms",
]
