"""The code lists of volunteers and of their tasks."""

from __future__ import annotations

from layers.layer import Code, CodeList, Text

SKILL = CodeList(
    "volunteer_skill",
    Text("Kỹ năng", "Skill"),
    (
        Code("doctor", Text("Bác sĩ", "Doctor")),
        Code("nurse", Text("Điều dưỡng, y sĩ", "Nurse")),
        Code("first_aid", Text("Sơ cứu", "First aid")),
        Code("driver", Text("Lái xe", "Driver")),
        Code("boatman", Text("Lái thuyền, ca nô", "Boat driver")),
        Code("swim_rescue", Text("Bơi, cứu đuối", "Swimming rescue")),
        Code("cook", Text("Nấu ăn", "Cook")),
        Code("interpreter", Text("Phiên dịch", "Interpreter")),
        Code("it", Text("Công nghệ thông tin", "Information technology")),
        Code("carpenter", Text("Mộc, xây dựng", "Carpentry, building")),
        Code("carrier", Text("Khuân vác, giao hàng", "Carrying, delivery")),
    ),
)
"""Each is a column of the register, which says yes or no."""
MEANS = CodeList(
    "volunteer_means",
    Text("Phương tiện", "Means"),
    (
        Code("has_motorbike", Text("Có xe máy", "Has a motorbike")),
        Code("has_car", Text("Có ô tô", "Has a car")),
        Code("has_truck", Text("Có xe tải", "Has a truck")),
        Code("has_boat", Text("Có thuyền, ca nô", "Has a boat")),
    ),
)
GROUP = CodeList(
    "volunteer_group",
    Text("Nhóm", "Group"),
    (
        Code("general", Text("Tình nguyện chung", "General")),
        Code("medical", Text("Y tế", "Medical")),
    ),
)
STATE = CodeList(
    "volunteer_state",
    Text("Trạng thái", "State"),
    (
        Code("registered", Text("Đã đăng ký", "Registered")),
        Code("verified", Text("Đã xác nhận", "Verified")),
        Code("paused", Text("Tạm nghỉ", "Paused")),
    ),
)
KIND = CodeList(
    "volunteer_task_kind",
    Text("Loại việc", "Kind of task"),
    (
        Code("supplies", Text("Tiếp tế", "Supplies")),
        Code("transport", Text("Vận chuyển", "Transport")),
        Code("kitchen", Text("Bếp ăn", "Kitchen")),
        Code("care", Text("Chăm sóc người dân", "Care")),
        Code("vaccination", Text("Tiêm chủng", "Vaccination")),
        Code("checkpoint", Text("Chốt kiểm soát", "Checkpoint")),
        Code("rescue", Text("Cứu hộ", "Rescue")),
        Code("clean_up", Text("Dọn dẹp, sửa chữa", "Cleaning, repair")),
        Code("call_centre", Text("Trực điện thoại", "Telephone service")),
        Code("other", Text("Việc khác", "Other")),
    ),
)
TASK_STATE = CodeList(
    "volunteer_task_state",
    Text("Trạng thái", "State"),
    (
        Code("open", Text("Đang cần", "Open")),
        Code("done", Text("Đã xong", "Done")),
        Code("cancelled", Text("Đã hủy", "Cancelled")),
    ),
)
ASSIGNMENT_STATE = CodeList(
    "volunteer_assignment_state",
    Text("Trạng thái", "State"),
    (
        Code("offered", Text("Chờ trả lời", "Not answered yet")),
        Code("accepted", Text("Nhận việc", "Accepted")),
        Code("declined", Text("Từ chối", "Declined")),
        Code("withdrawn", Text("Thôi phân công", "Withdrawn")),
        Code("done", Text("Đã làm xong", "Done")),
    ),
)
TASK_PLACE = CodeList(
    "volunteer_task_place",
    Text("Nơi làm việc khác", "Other places of a task"),
    (
        Code("commune", Text("Một xã, phường", "A commune")),
        Code("sos", Text("Nơi của một yêu cầu SOS", "Where an SOS is")),
    ),
)

CONSENT = "2026-1"
"""The version of the text below, which is kept with each consent."""
CONSENT_TEXT = Text(
    "Tôi đồng ý để Tỉnh đoàn, Sở Y tế (với người làm nghề y), huyện nơi tôi ở và người điều phối"
    " cứu hộ dùng thông tin trên để phân công việc tình nguyện và gọi cho tôi. Thông tin không được"
    " công khai, bị xóa sau {days} ngày không hoạt động, và tôi tự sửa, tạm nghỉ hay xóa tất cả"
    " bất cứ lúc nào bằng mã riêng.",
    "I agree that the Youth Union, the health department (of who works in medicine), my district"
    " and rescue coordination use what is above to assign me tasks and to call me. It is not"
    " public, it is deleted after {days} days without activity, and I correct it, pause or delete"
    " all of it at any time with a code of my own.",
)
