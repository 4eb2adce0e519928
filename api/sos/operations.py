"""What can be done at `/api/sos` and `/api/teams`, said once: routes and definition follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.sos import coordination, given, moderation, post, teams
from layers.layer import Text

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one path.

    Attributes:
        path: with `{request}` (id or code), `{team}` (a number) or `{photo}`.
        title: one line for people.
        body: what is sent; None: nothing, or what anybody posts.
        staff: whether it is for people who are signed in.
        statuses: of success.
        lists: whether it takes `limit`.
        query: other parameters that it takes, each with its schema.
    """

    method: str
    path: str
    handler: Handler
    title: Text
    body: type[given.Given] | None = None
    staff: bool = True
    statuses: tuple[int, ...] = (200,)
    lists: bool = False
    query: Mapping[str, dict[str, Any]] = field(default_factory=dict)


_ONE = "/api/sos/{request}"
_TEAM = "/api/teams/{team}"

OPERATIONS = (
    Operation(
        "POST",
        "/api/sos",
        post.post,
        Text("Gửi yêu cầu cứu trợ", "Post a request for help"),
        staff=False,
        statuses=(201, 200, 202),
    ),
    Operation(
        "GET",
        "/api/sos/form",
        post.form,
        Text("Những gì biểu mẫu cần", "What a form needs"),
        staff=False,
    ),
    Operation(
        "GET",
        "/api/sos/follow",
        post.follow,
        Text("Theo dõi yêu cầu đã gửi", "Follow a request that was posted"),
        staff=False,
    ),
    Operation(
        "POST",
        "/api/sos/follow",
        post.add,
        Text("Thêm thông tin, ghi chú, ảnh hoặc hủy", "Add fields, a note or photos, or cancel"),
        staff=False,
    ),
    # What names no request comes before what may name one.
    Operation(
        "GET",
        "/api/sos/intake",
        moderation.queue,
        Text("Tin chờ duyệt", "Posts that wait for a moderator"),
        lists=True,
    ),
    Operation(
        "POST",
        "/api/sos/intake/{request}",
        moderation.decide,
        Text("Nhận hoặc bỏ tin chờ duyệt", "Release or reject a post that waits"),
        given.Decision,
    ),
    Operation(
        "GET",
        "/api/sos/assignments",
        coordination.assigned,
        Text("Các yêu cầu đã có đội", "The requests that teams have"),
    ),
    Operation("GET", _ONE, coordination.detail, Text("Toàn bộ một yêu cầu", "All of a request")),
    Operation(
        "POST",
        f"{_ONE}/steps",
        coordination.step,
        Text("Chuyển trạng thái", "Take the next step"),
        given.Step,
    ),
    Operation(
        "PUT",
        f"{_ONE}/priority",
        coordination.priority,
        Text("Đổi mức ưu tiên, có lý do", "Set another priority, with the reason"),
        given.Priority,
    ),
    Operation(
        "POST",
        f"{_ONE}/notes",
        coordination.note,
        Text("Ghi chú", "Add a note to the timeline"),
        given.Said,
    ),
    Operation(
        "GET",
        f"{_ONE}/teams",
        coordination.teams,
        Text("Đội rảnh, phù hợp, gần nhất", "Free teams that can help, the nearest first"),
        lists=True,
    ),
    Operation(
        "GET",
        f"{_ONE}/busy-teams",
        coordination.busy_teams,
        Text(
            "Đội phù hợp đang có việc, gần nhất", "Teams at work that can help, the nearest first"
        ),
        lists=True,
    ),
    Operation(
        "POST",
        f"{_ONE}/assignment",
        coordination.assign,
        Text("Phân công cho một đội", "Assign to a team"),
        given.Assignment,
    ),
    Operation(
        "POST",
        f"{_ONE}/hand-over",
        coordination.hand_over,
        Text("Bàn giao cho đội khác", "Hand over to another team"),
        given.Assignment,
    ),
    Operation(
        "POST",
        f"{_ONE}/decline",
        coordination.decline,
        Text("Đội từ chối nhiệm vụ", "The team declines"),
        given.Reported,
    ),
    Operation(
        "POST",
        f"{_ONE}/way",
        coordination.way,
        Text("Đường tới nơi cần giúp", "The way to where help is needed"),
        given.Position,
    ),
    Operation(
        "GET",
        f"{_ONE}/duplicates",
        coordination.duplicates,
        Text("Các yêu cầu có thể trùng", "Requests that may be the same"),
        lists=True,
    ),
    Operation(
        "POST",
        f"{_ONE}/merge",
        coordination.merge,
        Text("Gộp vào yêu cầu khác", "Merge into another request"),
        given.Merge,
    ),
    Operation(
        "POST",
        f"{_ONE}/unmerge",
        coordination.unmerge,
        Text("Tách yêu cầu đã gộp", "Undo a merge"),
        given.Noted,
    ),
    Operation(
        "POST",
        f"{_ONE}/spam",
        moderation.spam,
        Text("Đánh dấu là tin rác", "Take out as spam"),
        given.Noted,
    ),
    Operation("GET", f"{_ONE}/photos/{{photo}}", coordination.photo, Text("Một ảnh", "A photo")),
    Operation(
        "GET",
        "/api/teams/mine",
        teams.mine,
        Text("Đội của tôi và nhiệm vụ", "My teams, and their tasks"),
    ),
    Operation(
        "GET",
        _TEAM,
        teams.detail,
        Text("Một đội: liên lạc, thành viên, nhiệm vụ", "A team: contact, members, tasks"),
    ),
    Operation(
        "PUT",
        _TEAM,
        teams.people,
        Text("Đặt liên lạc và thành viên của đội", "Set a team's contact and members"),
        given.TeamPeople,
    ),
    Operation(
        "PUT",
        f"{_TEAM}/state",
        teams.state,
        Text("Đội rảnh, bận hay nghỉ", "Whether a team is free"),
        given.TeamState,
    ),
    Operation(
        "POST",
        f"{_TEAM}/position",
        teams.position,
        Text("Báo vị trí của đội", "Say where a team is"),
        given.Position,
    ),
)
