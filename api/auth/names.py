"""What pages about accounts call departments, districts and layers, and the ways to sign in."""

from __future__ import annotations

from collections.abc import Mapping

from api.ogc.view import View
from api.services import Services
from layers import accounts
from layers.registers.catalogue import REGISTERS
from layers.roles import DISTRICT


def names_of(shown: View, served: Services) -> Mapping[str, Mapping[str, str]]:
    """The names of what an account may be limited to, by kind and by code."""
    return {
        "departments": {
            **{one.id: shown.say(one.title) for one in served.province.departments},
            DISTRICT: shown.t("Ủy ban nhân dân huyện", "District"),
        },
        "districts": accounts.districts_of(served.province),
        "layers": {
            one.id: shown.say(one.title)
            for one in (*served.catalogue.values(), *REGISTERS.values())
        },
    }


def ways(shown: View, account: accounts.Account) -> list[str]:
    """How an account signs in, in the page's language."""
    said = (
        (account.has_password, shown.t("mật khẩu", "password")),
        (account.subject, "SSO"),
        (account.database_role, "PostgreSQL"),
    )
    return [way for has_it, way in said if has_it]
