"""The tables of the first six layers.

Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE layer.sos_requests_number START 100001")
    op.create_table(
        "admin_units",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("structure", sa.Text(), nullable=False),
        sa.Column("area_km2", sa.Float(), nullable=True),
        sa.Column(
            "updated_at",
            postgresql.TIMESTAMP(timezone=True, precision=0),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_3857",
            Geometry("MULTIPOLYGON", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("feature", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.CheckConstraint('"area_km2" >= 0', name=op.f("ck_admin_units_area_km2_min")),
        sa.CheckConstraint(
            "\"kind\" IN ('province', 'city', 'town', 'rural_district', 'ward', 'commune')",
            name=op.f("ck_admin_units_kind_code"),
        ),
        sa.CheckConstraint(
            "\"level\" IN ('province', 'district', 'commune')",
            name=op.f("ck_admin_units_level_code"),
        ),
        sa.CheckConstraint(
            "\"structure\" IN ('2021', '2025')", name=op.f("ck_admin_units_structure_code")
        ),
        sa.CheckConstraint('char_length("code") <= 16', name=op.f("ck_admin_units_code_length")),
        sa.CheckConstraint('char_length("name") <= 120', name=op.f("ck_admin_units_name_length")),
        sa.CheckConstraint(
            'char_length("parent_code") <= 16', name=op.f("ck_admin_units_parent_code_length")
        ),
        sa.ForeignKeyConstraint(
            ["parent_code"],
            ["layer.admin_units.code"],
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_admin_units")),
        schema="layer",
    )
    op.create_index(
        op.f("ix_admin_units_parent_code"),
        "admin_units",
        ["parent_code"],
        unique=False,
        schema="layer",
    )
    op.create_table(
        "checkpoints",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("road", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("wifi", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("qr_code", sa.Text(), nullable=True),
        sa.Column("in_today", sa.Integer(), server_default="0", nullable=False),
        sa.Column("out_today", sa.Integer(), server_default="0", nullable=False),
        sa.Column("officers", sa.Integer(), nullable=True),
        sa.Column("commune_code", sa.Text(), nullable=True),
        sa.Column("district_code", sa.Text(), nullable=True),
        sa.Column(
            "updated_at",
            postgresql.TIMESTAMP(timezone=True, precision=0),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_3857",
            Geometry("POINT", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("feature", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.CheckConstraint('"in_today" >= 0', name=op.f("ck_checkpoints_in_today_min")),
        sa.CheckConstraint(
            "\"kind\" IN ('province_border', 'district_border', 'commune_border', 'port_station', 'lockdown')",
            name=op.f("ck_checkpoints_kind_code"),
        ),
        sa.CheckConstraint('"officers" >= 0', name=op.f("ck_checkpoints_officers_min")),
        sa.CheckConstraint('"out_today" >= 0', name=op.f("ck_checkpoints_out_today_min")),
        sa.CheckConstraint(
            "\"state\" IN ('open', 'congested', 'closed')", name=op.f("ck_checkpoints_state_code")
        ),
        sa.CheckConstraint('char_length("code") <= 24', name=op.f("ck_checkpoints_code_length")),
        sa.CheckConstraint('char_length("hours") <= 40', name=op.f("ck_checkpoints_hours_length")),
        sa.CheckConstraint('char_length("name") <= 160', name=op.f("ck_checkpoints_name_length")),
        sa.CheckConstraint(
            'char_length("qr_code") <= 64', name=op.f("ck_checkpoints_qr_code_length")
        ),
        sa.CheckConstraint('char_length("road") <= 160', name=op.f("ck_checkpoints_road_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoints")),
        sa.UniqueConstraint("code", name=op.f("uq_checkpoints_code")),
        sa.UniqueConstraint("qr_code", name=op.f("uq_checkpoints_qr_code")),
        schema="layer",
    )
    op.create_table(
        "hotels",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), server_default="available", nullable=False),
        sa.Column("paid_quarantine", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("rooms", sa.Integer(), nullable=False),
        sa.Column("rooms_quarantine", sa.Integer(), server_default="0", nullable=False),
        sa.Column("occupied", sa.Integer(), server_default="0", nullable=False),
        sa.Column("price_vnd", sa.Integer(), nullable=True),
        sa.Column("cameras", sa.Integer(), server_default="0", nullable=False),
        sa.Column("commune_code", sa.Text(), nullable=True),
        sa.Column("district_code", sa.Text(), nullable=True),
        sa.Column(
            "updated_at",
            postgresql.TIMESTAMP(timezone=True, precision=0),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_3857",
            Geometry("POINT", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("feature", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.CheckConstraint('"cameras" >= 0', name=op.f("ck_hotels_cameras_min")),
        sa.CheckConstraint('"occupied" <= 10000', name=op.f("ck_hotels_occupied_max")),
        sa.CheckConstraint('"occupied" >= 0', name=op.f("ck_hotels_occupied_min")),
        sa.CheckConstraint('"price_vnd" <= 1000000000', name=op.f("ck_hotels_price_vnd_max")),
        sa.CheckConstraint('"price_vnd" >= 0', name=op.f("ck_hotels_price_vnd_min")),
        sa.CheckConstraint('"rooms" <= 10000', name=op.f("ck_hotels_rooms_max")),
        sa.CheckConstraint('"rooms" >= 0', name=op.f("ck_hotels_rooms_min")),
        sa.CheckConstraint(
            '"rooms_quarantine" <= 10000', name=op.f("ck_hotels_rooms_quarantine_max")
        ),
        sa.CheckConstraint('"rooms_quarantine" >= 0', name=op.f("ck_hotels_rooms_quarantine_min")),
        sa.CheckConstraint('"stars" <= 5', name=op.f("ck_hotels_stars_max")),
        sa.CheckConstraint('"stars" >= 1', name=op.f("ck_hotels_stars_min")),
        sa.CheckConstraint(
            "\"state\" IN ('available', 'full', 'standby', 'closed')",
            name=op.f("ck_hotels_state_code"),
        ),
        sa.CheckConstraint('char_length("code") <= 24', name=op.f("ck_hotels_code_length")),
        sa.CheckConstraint('char_length("name") <= 160', name=op.f("ck_hotels_name_length")),
        sa.CheckConstraint("occupied <= rooms", name=op.f("ck_hotels_occupied_of_rooms")),
        sa.CheckConstraint(
            "rooms_quarantine <= rooms", name=op.f("ck_hotels_rooms_quarantine_of_rooms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotels")),
        sa.UniqueConstraint("code", name=op.f("uq_hotels_code")),
        schema="layer",
    )
    op.create_table(
        "quarantine_sites",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="ready", nullable=False),
        sa.Column("managing_unit", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("occupied", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cameras", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("commune_code", sa.Text(), nullable=True),
        sa.Column("district_code", sa.Text(), nullable=True),
        sa.Column(
            "updated_at",
            postgresql.TIMESTAMP(timezone=True, precision=0),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_3857",
            Geometry("POINT", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("feature", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.CheckConstraint('"cameras" >= 0', name=op.f("ck_quarantine_sites_cameras_min")),
        sa.CheckConstraint('"capacity" <= 100000', name=op.f("ck_quarantine_sites_capacity_max")),
        sa.CheckConstraint('"capacity" >= 0', name=op.f("ck_quarantine_sites_capacity_min")),
        sa.CheckConstraint(
            "\"kind\" IN ('barracks', 'school', 'dormitory', 'health_facility', 'community_house')",
            name=op.f("ck_quarantine_sites_kind_code"),
        ),
        sa.CheckConstraint('"occupied" <= 100000', name=op.f("ck_quarantine_sites_occupied_max")),
        sa.CheckConstraint('"occupied" >= 0', name=op.f("ck_quarantine_sites_occupied_min")),
        sa.CheckConstraint(
            "\"state\" IN ('ready', 'receiving', 'full', 'closed')",
            name=op.f("ck_quarantine_sites_state_code"),
        ),
        sa.CheckConstraint(
            'char_length("code") <= 24', name=op.f("ck_quarantine_sites_code_length")
        ),
        sa.CheckConstraint(
            'char_length("managing_unit") <= 160',
            name=op.f("ck_quarantine_sites_managing_unit_length"),
        ),
        sa.CheckConstraint(
            'char_length("name") <= 160', name=op.f("ck_quarantine_sites_name_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine_sites")),
        sa.UniqueConstraint("code", name=op.f("uq_quarantine_sites_code")),
        schema="layer",
    )
    op.create_table(
        "sos_requests",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column(
            "code",
            sa.Text(),
            server_default=sa.text("'S' || nextval('layer.sos_requests_number')"),
            nullable=False,
        ),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="new", nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("injured", sa.Integer(), nullable=True),
        sa.Column("children", sa.Integer(), nullable=True),
        sa.Column("elderly", sa.Integer(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column(
            "reported_at",
            postgresql.TIMESTAMP(timezone=True, precision=0),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("resolved_at", postgresql.TIMESTAMP(timezone=True, precision=0), nullable=True),
        sa.Column("commune_code", sa.Text(), nullable=True),
        sa.Column("district_code", sa.Text(), nullable=True),
        sa.Column(
            "updated_at",
            postgresql.TIMESTAMP(timezone=True, precision=0),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_3857",
            Geometry("POINT", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("feature", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.CheckConstraint('"accuracy_m" <= 100000', name=op.f("ck_sos_requests_accuracy_m_max")),
        sa.CheckConstraint('"accuracy_m" >= 0', name=op.f("ck_sos_requests_accuracy_m_min")),
        sa.CheckConstraint(
            "\"category\" IN ('trapped', 'landslide', 'medical', 'evacuation', 'food_water', 'medicine', 'shelter', 'missing', 'other')",
            name=op.f("ck_sos_requests_category_code"),
        ),
        sa.CheckConstraint(
            "\"channel\" IN ('app', 'web', 'hotline', 'officer')",
            name=op.f("ck_sos_requests_channel_code"),
        ),
        sa.CheckConstraint('"children" <= 10000', name=op.f("ck_sos_requests_children_max")),
        sa.CheckConstraint('"children" >= 0', name=op.f("ck_sos_requests_children_min")),
        sa.CheckConstraint('"elderly" <= 10000', name=op.f("ck_sos_requests_elderly_max")),
        sa.CheckConstraint('"elderly" >= 0', name=op.f("ck_sos_requests_elderly_min")),
        sa.CheckConstraint('"injured" <= 10000', name=op.f("ck_sos_requests_injured_max")),
        sa.CheckConstraint('"injured" >= 0', name=op.f("ck_sos_requests_injured_min")),
        sa.CheckConstraint('"people" <= 10000', name=op.f("ck_sos_requests_people_max")),
        sa.CheckConstraint('"people" >= 0', name=op.f("ck_sos_requests_people_min")),
        sa.CheckConstraint(
            "\"priority\" IN ('critical', 'high', 'medium', 'low')",
            name=op.f("ck_sos_requests_priority_code"),
        ),
        sa.CheckConstraint(
            "\"state\" IN ('new', 'verified', 'assigned', 'en_route', 'on_site', 'resolved', 'cancelled', 'duplicate', 'false', 'spam')",
            name=op.f("ck_sos_requests_state_code"),
        ),
        sa.CheckConstraint(
            "resolved_at >= reported_at", name=op.f("ck_sos_requests_resolved_after_reported")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sos_requests")),
        sa.UniqueConstraint("code", name=op.f("uq_sos_requests_code")),
        schema="layer",
    )
    op.create_table(
        "vaccination_points",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="scheduled", nullable=False),
        sa.Column("sessions", sa.Text(), nullable=True),
        sa.Column("opens", sa.Text(), nullable=True),
        sa.Column("closes", sa.Text(), nullable=True),
        sa.Column("tables", sa.Integer(), nullable=True),
        sa.Column("teams", sa.Integer(), nullable=True),
        sa.Column("stock_doses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("doses_today", sa.Integer(), server_default="0", nullable=False),
        sa.Column("doses_given", sa.Integer(), server_default="0", nullable=False),
        sa.Column("commune_code", sa.Text(), nullable=True),
        sa.Column("district_code", sa.Text(), nullable=True),
        sa.Column(
            "updated_at",
            postgresql.TIMESTAMP(timezone=True, precision=0),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_3857",
            Geometry("POINT", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("feature", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "closes ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'",
            name=op.f("ck_vaccination_points_closes_hour"),
        ),
        sa.CheckConstraint(
            "opens ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'",
            name=op.f("ck_vaccination_points_opens_hour"),
        ),
        sa.CheckConstraint(
            '"doses_given" >= 0', name=op.f("ck_vaccination_points_doses_given_min")
        ),
        sa.CheckConstraint(
            '"doses_today" >= 0', name=op.f("ck_vaccination_points_doses_today_min")
        ),
        sa.CheckConstraint(
            "\"kind\" IN ('commune_station', 'health_centre', 'hospital', 'school', 'hall', 'mobile')",
            name=op.f("ck_vaccination_points_kind_code"),
        ),
        sa.CheckConstraint(
            "\"sessions\" IN ('all_day', 'morning', 'afternoon')",
            name=op.f("ck_vaccination_points_sessions_code"),
        ),
        sa.CheckConstraint(
            "\"state\" IN ('open', 'scheduled', 'paused', 'closed')",
            name=op.f("ck_vaccination_points_state_code"),
        ),
        sa.CheckConstraint(
            '"stock_doses" >= 0', name=op.f("ck_vaccination_points_stock_doses_min")
        ),
        sa.CheckConstraint('"tables" >= 0', name=op.f("ck_vaccination_points_tables_min")),
        sa.CheckConstraint('"teams" >= 0', name=op.f("ck_vaccination_points_teams_min")),
        sa.CheckConstraint(
            'char_length("closes") <= 5', name=op.f("ck_vaccination_points_closes_length")
        ),
        sa.CheckConstraint(
            'char_length("code") <= 24', name=op.f("ck_vaccination_points_code_length")
        ),
        sa.CheckConstraint(
            'char_length("name") <= 160', name=op.f("ck_vaccination_points_name_length")
        ),
        sa.CheckConstraint(
            'char_length("opens") <= 5', name=op.f("ck_vaccination_points_opens_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vaccination_points")),
        sa.UniqueConstraint("code", name=op.f("uq_vaccination_points_code")),
        schema="layer",
    )


def downgrade() -> None:
    op.drop_table("vaccination_points", schema="layer")
    op.drop_table("sos_requests", schema="layer")
    op.drop_table("quarantine_sites", schema="layer")
    op.drop_table("hotels", schema="layer")
    op.drop_table("checkpoints", schema="layer")
    op.drop_index(op.f("ix_admin_units_parent_code"), table_name="admin_units", schema="layer")
    op.drop_table("admin_units", schema="layer")
    op.execute("DROP SEQUENCE layer.sos_requests_number")
