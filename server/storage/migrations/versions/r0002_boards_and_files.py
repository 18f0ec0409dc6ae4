"""Boards and files: pages with their update log and snapshots, page turns, and the files of a room."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables of boards and files."""
    op.create_table(
        "board",
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("position", sa.String(length=128), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("rules", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_board_room_id")),
        sa.PrimaryKeyConstraint("room_id", "id", name=op.f("pk_board")),
    )
    op.create_table(
        "board_group",
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("persons", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_board_group_room_id")),
        sa.PrimaryKeyConstraint("room_id", "id", name=op.f("pk_board_group")),
    )
    op.create_table(
        "board_room",
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("save_at_end", sa.Boolean(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("next_page", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_board_room_room_id")),
        sa.PrimaryKeyConstraint("room_id", name=op.f("pk_board_room")),
    )
    op.create_table(
        "file",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by", sa.String(length=26), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_file_room_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_file_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
    )
    op.create_index(op.f("ix_file_hash"), "file", ["hash"], unique=False)
    op.create_index("ix_file_room_id_created_at", "file", ["room_id", "created_at"], unique=False)
    op.create_table(
        "board_page",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("position", sa.String(length=128), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("paper", sa.String(length=8), nullable=False),
        sa.Column("slide", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("rules", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("copy_of", sa.Integer(), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("handed_out", sa.Boolean(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["room_id", "board_id"], ["board.room_id", "board.id"], name=op.f("fk_board_page_room_id_board_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_page")),
        sa.UniqueConstraint("room_id", "number", name=op.f("uq_board_page_room_id_number")),
    )
    op.create_table(
        "board_turn",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_board_turn_room_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_board_turn_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_turn")),
    )
    op.create_index("ix_board_turn_room_id_at_ms", "board_turn", ["room_id", "at_ms"], unique=False)
    op.create_table(
        "board_client",
        sa.Column("page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("client", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["board_page.id"], name=op.f("fk_board_client_page_id")),
        sa.PrimaryKeyConstraint("page_id", "epoch", "client", name=op.f("pk_board_client")),
    )
    op.create_table(
        "board_session",
        sa.Column("page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(["page_id"], ["board_page.id"], name=op.f("fk_board_session_page_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_board_session_session_id")),
        sa.PrimaryKeyConstraint("page_id", "epoch", "first_seq", name=op.f("pk_board_session")),
    )
    op.create_table(
        "board_snapshot",
        sa.Column("page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("index", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["board_page.id"], name=op.f("fk_board_snapshot_page_id")),
        sa.PrimaryKeyConstraint("page_id", "epoch", "seq", name=op.f("pk_board_snapshot")),
    )
    op.create_table(
        "board_update",
        sa.Column("page_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("client", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["board_page.id"], name=op.f("fk_board_update_page_id")),
        sa.PrimaryKeyConstraint("page_id", "epoch", "seq", name=op.f("pk_board_update")),
    )


def downgrade() -> None:
    """Drops them, with all that is in them."""
    op.drop_table("board_update")
    op.drop_table("board_snapshot")
    op.drop_table("board_session")
    op.drop_table("board_client")
    op.drop_index("ix_board_turn_room_id_at_ms", table_name="board_turn")
    op.drop_table("board_turn")
    op.drop_table("board_page")
    op.drop_index("ix_file_room_id_created_at", table_name="file")
    op.drop_index(op.f("ix_file_hash"), table_name="file")
    op.drop_table("file")
    op.drop_table("board_room")
    op.drop_table("board_group")
    op.drop_table("board")
