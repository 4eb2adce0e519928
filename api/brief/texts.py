"""The words of the brief, in Vietnamese and English."""

from __future__ import annotations

from layers.layer import Text

COUNTRY = Text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SOCIALIST REPUBLIC OF VIET NAM")
MOTTO = Text("Độc lập - Tự do - Hạnh phúc", "Independence - Freedom - Happiness")
NUMBER = Text("Số:         /{symbol}", "No:         /{symbol}")
PLACE_AND_DATE = Text(
    "{place}, ngày {day:02} tháng {month} năm {year}", "{place}, {day} {name} {year}"
)
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
KIND = Text("BÁO CÁO", "REPORT")
SUBJECT = Text("{subject} đến {at}", "{subject} as of {at}")
AT = Text("{hour:02} giờ {minute:02} ngày {day}", "{hour:02}:{minute:02} on {day}")
SUMMARY = Text(
    "Tính đến {at}, trên địa bàn {province}: {figures}.", "As of {at}, {province}: {figures}."
)
IN_WORDS = Text("{title} {value}", "{title} {value}")
SYNTHETIC = Text("DỮ LIỆU MÔ PHỎNG", "SYNTHETIC DATA")
SYNTHETIC_NOTE = Text(
    "Dữ liệu mô phỏng, được tạo để trình diễn; không phải số liệu thật.",
    "Synthetic data, made for demonstration; these are no real figures.",
)
TODAY = Text("1. Số liệu trong ngày", "1. The day's figures")
BY_AREA = Text("2. Theo địa bàn và diễn biến", "2. By area and over time")
FIGURE = Text("Chỉ tiêu", "Figure")
VALUE = Text("Hiện tại", "Now")
CHANGE = Text("So với trước", "Change")
UP = Text("tăng {n}", "up {n}")
DOWN = Text("giảm {n}", "down {n}")
SAME = Text("không đổi", "no change")
NO_BEFORE = Text("chưa có số so sánh", "nothing to compare")
NO_VALUE = Text("chưa có", "none yet")
FEWER = Text("dưới {n}", "under {n}")
FEWER_NOTE = Text("Số người dưới {n} không công bố.", "Fewer than {n} people are not told.")
POINTS = Text("{n} điểm %", "{n} points")
MINUTES = Text("{m} phút", "{m} min")
HOURS = Text("{h} giờ {m} phút", "{h} h {m} min")
COMPARED = Text("So sánh: {all}.", "Compared: {all}.")
PAST = Text("({mark}) {what}", "({mark}) {what}")
NO_PAST = Text("để trống: dữ liệu không lưu số trước đó", "blank: the data keeps no earlier number")
SOURCE = Text(
    "Nguồn: cơ sở dữ liệu điều hành {province}, các lớp {layers}; số liệu lúc {at}.",
    "Source: the operations database of {province}, layers {layers}; figures of {at}.",
)
MAP = Text("{title} theo huyện, thành phố", "{title} by district")
TOP = Text("Địa bàn có nhiều nhất", "Areas with most")
AREA = Text("Địa bàn", "Area")
NONE = Text("không có", "none")
HIDDEN = Text("không công bố", "not told")
UNKNOWN = Text("Chưa có số liệu để vẽ.", "There is nothing to draw yet.")
TREND = Text("Diễn biến {n} ngày", "The last {n} days")
RECIPIENTS = Text("Nơi nhận:", "Recipients:")

UNITS: dict[str, Text] = {
    "{request}": Text("yêu cầu", "requests"),
    "{person}": Text("người", "people"),
    "{room}": Text("phòng", "rooms"),
    "{dose}": Text("mũi", "doses"),
    "{point}": Text("điểm", "points"),
    "{pass}": Text("lượt", "passes"),
    "{declaration}": Text("tờ khai", "declarations"),
    "{document}": Text("văn bản", "directives"),
    "{device}": Text("thiết bị", "devices"),
}
"""The words beside a number in a sentence."""
