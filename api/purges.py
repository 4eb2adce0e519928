"""What upkeep removes from time to time: whatever has a term after which it goes."""

from __future__ import annotations

from functools import partial

from api.settings import Settings
from api.sos.photos import remove_loose
from layers import credentials, persons, stays
from layers import network as assets
from layers.analysis import keeping as analysis
from layers.consultations import desk as consultations
from layers.declarations import keeping as declarations
from layers.documents import files as directive_files
from layers.outbreaks import registers as samples
from layers.rasters.files import sweep
from layers.sos import keeping
from layers.tracing import keeping as tracing
from layers.upkeep import Purge
from layers.vaccinating import keeping as vaccination
from layers.volunteers import desk as volunteers


def purges(settings: Settings) -> tuple[Purge, ...]:
    """What upkeep removes from time to time, each in a transaction of its own."""
    return (
        partial(credentials.purge, failures_seconds=settings.sign_in_window),
        partial(keeping.purge, keep_days=settings.sos_keep_days),
        partial(declarations.purge, keep_days=settings.declaration_keep_days),
        partial(
            tracing.purge,
            keep_days=settings.trace_keep_days,
            proximity_days=settings.check_in_keep_days,
        ),
        partial(stays.purge, keep_days=settings.stay_keep_days),
        partial(samples.purge, keep_days=settings.sample_keep_days),
        partial(vaccination.purge, keep_days=settings.registration_keep_days),
        partial(volunteers.purge, keep_days=settings.volunteer_keep_days),
        partial(consultations.purge, keep_days=settings.consultation_keep_days),
        partial(persons.purge, keep_days=settings.person_keep_days),
        partial(assets.purge, keep_days=settings.network_keep_days),
        analysis.purge,
        # After the one before has been committed: a file must not go before its photo has.
        partial(remove_loose, folder=settings.photos),
        partial(sweep, folder=settings.rasters),
        partial(
            directive_files.sweep,
            folder=settings.directives,
            keep_days=settings.directive_keep_days,
        ),
    )
