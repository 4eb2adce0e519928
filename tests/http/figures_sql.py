"""Each figure of the day in plain SQL that was written apart from the records."""

from __future__ import annotations

OPEN = "state IN ('new', 'verified', 'assigned', 'en_route', 'on_site')"
TODAY = "(date_trunc('day', now AT TIME ZONE 'Asia/Ho_Chi_Minh') AT TIME ZONE 'Asia/Ho_Chi_Minh')"
MINUTES = (
    "(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM resolved_at - reported_at)))"
    "/ 60"
)
SOS = "FROM layer.sos_requests, (SELECT :at ::timestamptz AS now) AS clock WHERE"
DAY = "interval '24 hours'"
TRACES = "FROM private.trace_request WHERE"
WEEK = "now() - interval '7 days'"


def few(count: str) -> str:
    """A number of people as the public is told it."""
    return f"CASE WHEN n = 0 OR n >= 5 THEN n END FROM (SELECT {count}) AS counted (n)"


EXPECTED = {
    "sos_opened_today": f"count(*) {SOS} reported_at >= {TODAY}",
    "sos_resolved_today": f"count(*) {SOS} resolved_at >= {TODAY}",
    "sos_open": f"count(*) {SOS} {OPEN}",
    "people_waiting": f"sum(people) {SOS} {OPEN}",
    "rescue_minutes_day": f"{MINUTES} {SOS} resolved_at >= now - {DAY}",
    "rescue_minutes_week": f"{MINUTES} {SOS} resolved_at >= now - interval '168 hours'",
    "quarantine_occupied": "sum(occupied) FROM layer.quarantine_sites WHERE state <> 'closed'",
    "quarantine_capacity": "sum(capacity) FROM layer.quarantine_sites WHERE state <> 'closed'",
    "quarantine_occupancy": "round(sum(occupied) * 100.0 / sum(capacity), 1)"
    " FROM layer.quarantine_sites WHERE state <> 'closed'",
    "hotel_rooms_occupied": "sum(occupied) FROM layer.hotels WHERE state <> 'closed'",
    "hotel_rooms": "sum(rooms) FROM layer.hotels WHERE state <> 'closed'",
    "hotel_rooms_quarantine": "sum(rooms_quarantine) FROM layer.hotels WHERE state <> 'closed'",
    "doses_today": "sum(doses_today) FROM layer.vaccination_points",
    "doses_given": "sum(doses_given) FROM layer.vaccination_points",
    "doses_in_stock": "sum(stock_doses) FROM layer.vaccination_points",
    "hospital_beds_free": "sum(beds_free) FROM layer.medical_facilities WHERE state <> 'closed'",
    "icu_beds_free": "sum(icu_free) FROM layer.medical_facilities WHERE state <> 'closed'",
    "consultations_waiting": "count(*) FROM register.consultations WHERE state = 'waiting'",
    "consultation_minutes": "(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM"
    " called_at - made_at))) / 60 FROM register.consultations"
    " WHERE called_at > now() - interval '24 hours'",
    "volunteers": "count(*) FROM register.volunteers WHERE state <> 'paused'",
    "checkpoint_passes_today": "sum(in_today + out_today) FROM layer.checkpoints",
    "control_point_passes_today": "sum(in_today + out_today) FROM layer.control_points",
    "control_points_unused_today": "count(*) FROM layer.control_points"
    " WHERE state = 'registered' AND in_today + out_today = 0",
    "declarations_week": "sum(n) FROM (SELECT sum(a.declarations) AS n"
    " FROM private.declaration_day AS a JOIN layer.admin_units AS c ON c.code = a.commune_code"
    " WHERE a.day > (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date - 7 GROUP BY c.parent_code)"
    " AS districts WHERE n >= 5",
    "trace_waiting": few(f"count(*) {TRACES} state = 'asked'"),
    "trace_live": few(
        f"count(*) {TRACES} state IN ('approved', 'searched') AND expires_at > now()"
    ),
    "trace_closed_week": few(f"count(*) {TRACES} closed_at > {WEEK}"),
    "trace_province_week": few(f"count(*) {TRACES} asked_at > {WEEK} AND districts = '{{}}'"),
    "trace_district_week": few(f"count(*) {TRACES} asked_at > {WEEK} AND districts <> '{{}}'"),
    "trace_minutes_week": "(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM"
    f" searched_at - asked_at))) / 60 {TRACES} searched_at > {WEEK}",
    "trace_first_week": f"sum((found->>'first')::int) {TRACES} searched_at > {WEEK}",
    "trace_second_week": f"sum((found->>'second')::int) {TRACES} searched_at > {WEEK}",
    "trace_to_call": "count(*) FROM private.trace_contact WHERE state = 'to_call' AND request_id IN"
    f" (SELECT id {TRACES} state = 'searched' AND expires_at > now())",
    "trace_devices_week": f"count(*) FROM private.proximity WHERE to_at > {WEEK}",
    "directives_in_force": "count(*) FROM layer.directives,"
    " (SELECT :at ::timestamptz AS now) AS clock WHERE audience = 'public'"
    " AND valid_from <= now AND (ends_at > now OR ends_at IS NULL)",
    "directives_week": "count(*) FROM layer.directives WHERE audience = 'public' AND"
    " issued_on > (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date - 7",
    "network_silent": "count(*) FROM layer.network_assets WHERE state = 'unknown'",
    "network_down": "count(*) FROM layer.network_assets WHERE state = 'down'",
    "vaccination_points_open": "count(*) FROM layer.vaccination_points WHERE state = 'open'",
}
BEFORE = {
    "sos_opened_today": f"count(*) {SOS} reported_at >= {TODAY} - {DAY}"
    f" AND reported_at < now - {DAY}",
    "sos_resolved_today": f"count(*) {SOS} resolved_at >= {TODAY} - {DAY}"
    f" AND resolved_at < now - {DAY}",
    "rescue_minutes_day": f"{MINUTES} {SOS} resolved_at >= now - 2 * {DAY}"
    f" AND resolved_at < now - {DAY}",
    "rescue_minutes_week": f"{MINUTES} {SOS} resolved_at >= now - interval '336 hours'"
    " AND resolved_at < now - interval '168 hours'",
}
_RECALLED = ("quarantine_", "hotel_", "hospital_", "icu_")
RECALLED = {name for name in EXPECTED if name.startswith(_RECALLED)}
