"""The words of reports, in Vietnamese and English."""

from __future__ import annotations

from layers.layer import Text

EVERY = {
    "day": Text("Hằng ngày", "Daily"),
    "week": Text("Hằng tuần", "Weekly"),
    "month": Text("Hằng tháng", "Monthly"),
}
STATE = {
    "sent": Text("Đã gửi", "Sent"),
    "sent_late": Text("Gửi trễ", "Sent late"),
    "due": Text("Chưa đến hạn", "Due"),
    "missing": Text("Thiếu", "Missing"),
}
PERIOD = {
    "day": Text("ngày {first}", "{first}"),
    "week": Text("tuần từ {first} đến {last}", "the week from {first} to {last}"),
    "month": Text("tháng {month:02}/{year}", "{name} {year}"),
    "days": Text("từ {first} đến {last}", "{first} to {last}"),
}
SUBJECT = Text("{title}, {period}", "{title}, {period}")
OF_DISTRICT = Text("{title} ({district}), {period}", "{title} ({district}), {period}")
NUMBER_OF_ROW = Text("TT", "No.")
TOTAL = Text("Cộng", "Total")
CUT = Text("Bảng chỉ gồm {n} dòng đầu.", "The table has the first {n} rows only.")
NOTHING = Text("Không có.", "None.")
APPENDIX = Text("Phụ lục", "Appendix")
AS_OF = Text("Số liệu lúc {at}.", "Figures of {at}.")
SENT = Text(
    "Bản {version}, gửi lúc {at} ({by}){late}.", "Version {version}, sent at {at} ({by}){late}."
)
LATE = Text(", trễ hạn", ", late")
NOTE = Text("Ghi chú: {note}", "Note: {note}")
LIVE = Text("Bản chưa gửi; hạn gửi {due}.", "Not sent; due {due}.")
DISTRICT_ISSUER = Text("Ủy ban nhân dân {name}", "People's Committee of {name}")
DISTRICT_SYMBOL = "BC-UBND"
SYMBOL = "BC"
SIGNER = (Text("THỦ TRƯỞNG ĐƠN VỊ", "HEAD OF THE UNIT"),)
DISTRICT_SIGNER = (
    Text("TM. ỦY BAN NHÂN DÂN", "FOR THE PEOPLE'S COMMITTEE"),
    Text("CHỦ TỊCH", "CHAIR"),
)
SIGN_HERE = Text("(Ký, ghi rõ họ tên, đóng dấu)", "(Signature, name and seal)")
PREPARED = Text("NGƯỜI LẬP BIỂU", "PREPARED BY")
ARCHIVE = Text("Lưu: VT", "Archive")
EACH_DISTRICT = Text("Các huyện, thị xã, thành phố", "Each district")
DONE = Text("Đã gửi báo cáo.", "The report has been sent.")
PAGE_OF = Text("Trang &P/&N", "Page &P of &N")
