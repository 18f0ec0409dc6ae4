"""Every table of the server, for SQLite and PostgreSQL. Times are Unix milliseconds, ids are text (ids.py)."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(26)
_HASH = String(64)
MS = BigInteger

institution = Table(
    "institution",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("embed_origins", JSON, nullable=False),
    Column("created_at", MS, nullable=False),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", ID, primary_key=True),
    Column("institution_id", ID, ForeignKey("institution.id"), nullable=False, index=True),
    Column("secret_hash", _HASH, nullable=False),
    Column("created_at", MS, nullable=False),
    Column("revoked_at", MS),
)

nonce = Table(
    "nonce",
    metadata,
    Column("key_id", ID, ForeignKey("api_key.id"), primary_key=True),
    Column("nonce", String(64), primary_key=True),
    Column("expires_at", MS, nullable=False, index=True),
)

room = Table(
    "room",
    metadata,
    Column("id", ID, primary_key=True),
    Column("institution_id", ID, ForeignKey("institution.id"), nullable=False),
    Column("slug", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("created_at", MS, nullable=False),
    Column("closed_at", MS),
    UniqueConstraint("institution_id", "slug"),
)

session = Table(
    "session",
    metadata,
    Column("id", ID, primary_key=True),
    Column("room_id", ID, ForeignKey("room.id"), nullable=False, index=True),
    Column("state", String(8), nullable=False),
    Column("started_at", MS, nullable=False),
    Column("empty_since", MS),
    Column("ended_at", MS),
    Column("end_reason", String(16)),
    CheckConstraint("state IN ('live', 'ended', 'final')", name="state"),
)
# At most one live session of a room, whoever starts it.
Index(
    "uq_session_live",
    session.c.room_id,
    unique=True,
    sqlite_where=text("state = 'live'"),
    postgresql_where=text("state = 'live'"),
)

person = Table(
    "person",
    metadata,
    Column("id", ID, primary_key=True),
    Column("issuer", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("name", String(64), nullable=False),
    Column("created_at", MS, nullable=False),
    UniqueConstraint("issuer", "subject"),
)

participant = Table(
    "participant",
    metadata,
    Column("id", ID, primary_key=True),
    Column("session_id", ID, ForeignKey("session.id"), nullable=False),
    Column("person_id", ID, ForeignKey("person.id"), nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("joined_at", MS, nullable=False),
    Column("left_at", MS),
    Column("left_reason", String(16)),
)
Index("ix_participant_session_id_person_id", participant.c.session_id, participant.c.person_id)
# A person is in a session once, however many tabs are open.
Index(
    "uq_participant_present",
    participant.c.session_id,
    participant.c.person_id,
    unique=True,
    sqlite_where=text("left_at IS NULL"),
    postgresql_where=text("left_at IS NULL"),
)

conn = Table(
    "conn",
    metadata,
    Column("id", ID, primary_key=True),
    Column("participant_id", ID, ForeignKey("participant.id"), nullable=False, index=True),
    Column("tab", String(64), nullable=False),
    Column("opened_at", MS, nullable=False),
    Column("last_seen", MS, nullable=False),
    Column("closed_at", MS),
    Column("close_reason", String(16)),
)
Index("ix_conn_open", conn.c.id, sqlite_where=text("closed_at IS NULL"), postgresql_where=text("closed_at IS NULL"))

event = Table(
    "event",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("session_id", ID, ForeignKey("session.id"), nullable=False),
    Column("person_id", ID, ForeignKey("person.id")),
    Column("conn_id", ID),
    Column("kind", String(24), nullable=False),
    Column("at_ms", MS, nullable=False),
    Column("data", JSON, nullable=False),
    Index("ix_event_session_id_seq", "session_id", "seq"),
    sqlite_autoincrement=True,
)

ticket = Table(
    "ticket",
    metadata,
    Column("hash", _HASH, primary_key=True),
    Column("room_id", ID, ForeignKey("room.id"), nullable=False),
    Column("issuer", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("muted", Boolean, nullable=False),
    Column("expires_at", MS, nullable=False, index=True),
    Column("used_at", MS),
)

invitation = Table(
    "invitation",
    metadata,
    Column("id", ID, primary_key=True),
    Column("hash", _HASH, nullable=False, unique=True),
    Column("room_id", ID, ForeignKey("room.id"), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("created_at", MS, nullable=False),
    Column("expires_at", MS),
    Column("revoked_at", MS),
)

session_token = Table(
    "session_token",
    metadata,
    Column("id", ID, primary_key=True),
    Column("hash", _HASH, nullable=False, unique=True),
    Column("room_id", ID, ForeignKey("room.id"), nullable=False),
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("muted", Boolean, nullable=False),
    Column("issued_at", MS, nullable=False),
    Column("expires_at", MS, nullable=False, index=True),
    Column("revoked_at", MS),
    Index("ix_session_token_person_id_room_id", "person_id", "room_id"),
)

# Bound to the person, not to a socket or token: a new ticket does not bring the removed back.
removal = Table(
    "removal",
    metadata,
    Column("id", ID, primary_key=True),
    Column("room_id", ID, ForeignKey("room.id"), nullable=False),
    Column("session_id", ID, ForeignKey("session.id")),
    Column("person_id", ID, ForeignKey("person.id"), nullable=False),
    Column("by_person_id", ID, ForeignKey("person.id")),
    Column("at_ms", MS, nullable=False),
    Index("ix_removal_person_id_room_id", "person_id", "room_id"),
)
