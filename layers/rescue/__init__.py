"""Rescue: requests for help, the teams that answer them, shelters, and alerts."""

from __future__ import annotations

from layers.layer import Layer
from layers.registers.record import Register
from layers.rescue.alerts import ALERTS
from layers.rescue.requests import SOS_REQUESTS
from layers.rescue.shelters import SHELTERS
from layers.rescue.teams import RESCUE_TEAMS
from layers.volunteers import records as volunteers

LAYERS: tuple[Layer, ...] = (SOS_REQUESTS, RESCUE_TEAMS, SHELTERS, ALERTS)

REGISTERS: tuple[Register, ...] = volunteers.REGISTERS
