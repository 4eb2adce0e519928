"""Synthetic requests for tracing: one that is worked on, one that waits, and some that are over.

Beside them are meetings of devices, of people who came to the same place within minutes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

DAYS = 4
CONTACTS = 30
SECOND = 60
CLOSED = 7
MEETINGS = 60

# Of persons at places with some dozens of others, in an order that the seed makes.
_SOUGHT = """
SELECT c.person_id FROM private.check_in AS c JOIN (
  SELECT site FROM private.check_in WHERE site %% 2 = 1 GROUP BY site
  HAVING count(DISTINCT person_id) BETWEEN 10 AND 60) AS s USING (site)
GROUP BY c.person_id HAVING count(*) >= 4 ORDER BY md5(c.person_id::text || %s) LIMIT %s
"""
_MEET = """
INSERT INTO private.proximity (a, b, from_at, to_at, rssi, metres)
SELECT least(x.person_id, y.person_id), greatest(x.person_id, y.person_id), m.at,
  m.at + interval '12 minutes', -62, 1.5
FROM private.check_in AS x JOIN private.check_in AS y ON y.site = x.site
  AND y.direction = 'in' AND y.person_id > x.person_id
  AND y.at BETWEEN x.at - interval '10 minutes' AND x.at + interval '10 minutes'
CROSS JOIN LATERAL (SELECT greatest(x.at, y.at) AS at) AS m
WHERE x.direction = 'in' AND x.site %% 2 = 1 AND m.at BETWEEN %s AND %s
ORDER BY md5(x.person_id::text || y.person_id::text || %s), m.at LIMIT %s
"""
# A district asks for who lives in it: where they went.
_LIVES = """
UPDATE private.person AS p SET commune_code = k.commune_code FROM private.check_in AS c
JOIN private.check_in_site AS s USING (site) JOIN layer.control_points AS k
  ON s.layer = 'control_points' AND k.id = s.id
WHERE p.id = %(person)s AND c.person_id = p.id AND k.commune_code IS NOT NULL
"""
_REQUEST = """
INSERT INTO private.trace_request (id, code, person_id, reason, case_ref, since, until, least_s,
  orders, asked_login, departments, districts, asked_at, state, decided_login, decided_at,
  decision, expires_at)
VALUES (%(id)s, %(code)s, %(person)s, %(reason)s, %(case)s,
  %(until)s - make_interval(days => %(days)s), %(until)s, -900, 2, 'demo.truy-vet',
  CASE WHEN %(of_district)s THEN '{district}'::text[] ELSE '{health}' END,
  CASE WHEN %(of_district)s THEN ARRAY(SELECT u.parent_code FROM private.person AS p
    JOIN layer.admin_units AS u ON u.code = p.commune_code WHERE p.id = %(person)s) ELSE '{}' END,
  %(until)s - make_interval(hours => %(took)s),
  CASE WHEN %(approved)s THEN 'approved' ELSE 'asked' END,
  CASE WHEN %(approved)s THEN 'demo.so-y-te' END,
  CASE WHEN %(approved)s THEN %(until)s - interval '2 hours' END,
  CASE WHEN %(approved)s THEN 'Đồng ý, ưu tiên F1' END,
  CASE WHEN %(approved)s THEN %(until)s + interval '7 days' END)
"""
_SEARCH = """
WITH found AS (
  SELECT r.id, private.trace_run(r, '14 hours', '1 hour', %(most)s, %(second)s, 20) AS found
  FROM private.trace_request AS r WHERE r.id = %(id)s)
UPDATE private.trace_request AS r SET state = 'searched', found = f.found,
  searched_at = %(until)s - interval '1 hour' FROM found AS f WHERE f.id = r.id
"""
_CLOSE = """
UPDATE private.trace_request SET state = 'closed', closed_at = %(until)s,
  closed_login = 'demo.truy-vet' WHERE id = %(id)s
"""
_MARK = """
UPDATE private.trace_contact SET marked_login = 'demo.truy-vet', marked_at = %(until)s,
  state = (ARRAY['reached', 'tested', 'unreachable'])[place %% 3 + 1]
WHERE request_id = %(id)s AND degree = 1 AND place <= 8
"""
_LOOKS = """
INSERT INTO private.trace_look (request_id, code, at, login, what)
SELECT r.id, r.code, l.at, l.login, l.what FROM private.trace_request AS r, LATERAL (VALUES
  (r.asked_at, r.asked_login, 'ask'), (r.decided_at, r.decided_login, 'approve'),
  (r.searched_at, r.asked_login, 'search')) AS l (at, login, what)
WHERE l.at IS NOT NULL AND r.asked_login = 'demo.truy-vet'
  AND NOT EXISTS (SELECT FROM private.trace_look AS k WHERE k.request_id = r.id)
ORDER BY l.at
"""


def trace(cursor: Any, seed: int, until: datetime) -> int:
    """Write the requests and meetings, in place of all there are; check-ins are there already.

    Args:
        until: an instant in the province's time zone.

    Returns:
        How many contacts were found.
    """
    cursor.execute("DELETE FROM private.trace_request; DELETE FROM private.proximity")
    over = until - timedelta(hours=1)
    cursor.execute(_MEET, (over - timedelta(days=2), over, str(seed), MEETINGS))
    cursor.execute(_SOUGHT, (str(seed), 2 + CLOSED))
    for number, (person,) in enumerate(cursor.fetchall(), 1):
        closed = max(number - 2, 0)
        given = {
            "id": str(uuid5(NAMESPACE_OID, f"dieuhanh demo trace {seed} {number}")),
            "code": f"TVDEMO{number}",
            "person": person,
            "reason": "Ca dương tính mô phỏng, chưa rõ nguồn lây",
            "case": f"BN-MP-{number:03d}",
            "until": until - timedelta(hours=8 * closed),
            "took": 3 + closed % 3,
            "of_district": closed % 3 == 1,
            "days": DAYS,
            "approved": number != 2,
            "most": CONTACTS,
            "second": SECOND,
        }
        if given["of_district"]:
            cursor.execute(_LIVES, given)
        cursor.execute(_REQUEST, given)
        if given["approved"]:
            cursor.execute(_SEARCH, given)
            cursor.execute(_CLOSE if closed else _MARK, given)
    cursor.execute(_LOOKS)
    cursor.execute("SELECT count(*) FROM private.trace_contact")
    return int(cursor.fetchone()[0])
