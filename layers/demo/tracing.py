"""Two synthetic requests for tracing: one that was searched and is worked on, one that waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

DAYS = 4
CONTACTS = 30
SECOND = 60

# Of persons at places with some dozens of others, in an order that the seed makes.
_SOUGHT = """
SELECT c.person_id FROM private.check_in AS c JOIN (
  SELECT site FROM private.check_in WHERE site %% 2 = 1 GROUP BY site
  HAVING count(DISTINCT person_id) BETWEEN 10 AND 60) AS s USING (site)
GROUP BY c.person_id HAVING count(*) >= 4 ORDER BY md5(c.person_id::text || %s) LIMIT 2
"""
_REQUEST = """
INSERT INTO private.trace_request (id, code, person_id, reason, case_ref, since, until, least_s,
  orders, asked_login, departments, districts, asked_at, state, decided_login, decided_at,
  decision, expires_at)
VALUES (%(id)s, %(code)s, %(person)s, %(reason)s, %(case)s,
  %(until)s - make_interval(days => %(days)s), %(until)s, -900, 2, 'demo.truy-vet',
  '{health}', '{}', %(until)s - interval '3 hours',
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
    """Write the requests, in place of all there are; check-ins are there already.

    Args:
        until: an instant in the province's time zone.

    Returns:
        How many contacts were found.
    """
    cursor.execute("DELETE FROM private.trace_request")
    cursor.execute(_SOUGHT, (str(seed),))
    for number, (person,) in enumerate(cursor.fetchall(), 1):
        given = {
            "id": str(uuid5(NAMESPACE_OID, f"dieuhanh demo trace {seed} {number}")),
            "code": f"TVDEMO{number}",
            "person": person,
            "reason": "Ca dương tính mô phỏng, chưa rõ nguồn lây",
            "case": f"BN-MP-{number:03d}",
            "until": until,
            "days": DAYS,
            "approved": number == 1,
            "most": CONTACTS,
            "second": SECOND,
        }
        cursor.execute(_REQUEST, given)
        if given["approved"]:
            cursor.execute(_SEARCH, given)
            cursor.execute(_MARK, given)
    cursor.execute(_LOOKS)
    cursor.execute("SELECT count(*) FROM private.trace_contact")
    return int(cursor.fetchone()[0])
