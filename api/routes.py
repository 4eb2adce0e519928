"""The addresses of everything but the OGC API, whose operations have their own list."""

from __future__ import annotations

from api import (
    auth,
    cards,
    forms,
    health,
    help,
    hotline,
    hotspots,
    live,
    mapdata,
    medical,
    network,
    overview,
    pages,
    quarantine,
    results,
    sight,
    timeline,
)
from api.brief.routes import ROUTES as BRIEF_ROUTES
from api.briefing.routes import ROUTES as BRIEFING_ROUTES
from api.checkins.routes import ROUTES as CHECK_IN_ROUTES
from api.consultations.routes import ROUTES as CONSULTATION_ROUTES
from api.declarations.routes import ROUTES as DECLARATION_ROUTES
from api.directives.routes import ROUTES as DIRECTIVE_ROUTES
from api.epidemic.routes import ROUTES as EPIDEMIC_ROUTES
from api.feeds.routes import ROUTES as FEED_ROUTES
from api.rasters.keeping import ROUTES as RASTER_KEEPING
from api.rasters.resource import ROUTES as RASTER_ROUTES
from api.registers.routes import ROUTES as REGISTER_ROUTES
from api.reports.routes import ROUTES as REPORT_ROUTES
from api.sos.routes import ROUTES as SOS_ROUTES
from api.tracing.routes import ROUTES as TRACING_ROUTES
from api.vaccination.operations import ROUTES as VACCINATION_ROUTES
from api.volunteers.routes import ROUTES as VOLUNTEER_ROUTES

ROUTES = [
    *mapdata.ROUTES,
    *RASTER_ROUTES,
    *RASTER_KEEPING,
    *forms.ROUTES,
    *sight.ROUTES,
    *timeline.ROUTES,
    *overview.ROUTES,
    *hotspots.ROUTES,
    *results.ROUTES,
    *BRIEF_ROUTES,
    *BRIEFING_ROUTES,
    *live.ROUTES,
    *health.ROUTES,
    *pages.ROUTES,
    *help.ROUTES,
    *SOS_ROUTES,
    *cards.ROUTES,
    *DECLARATION_ROUTES,
    *CHECK_IN_ROUTES,
    *TRACING_ROUTES,
    *REGISTER_ROUTES,
    *quarantine.ROUTES,
    *EPIDEMIC_ROUTES,
    *DIRECTIVE_ROUTES,
    *network.ROUTES,
    *medical.ROUTES,
    *VACCINATION_ROUTES,
    *REPORT_ROUTES,
    *hotline.ROUTES,
    *CONSULTATION_ROUTES,
    *VOLUNTEER_ROUTES,
    *FEED_ROUTES,
    *auth.ROUTES,
]
