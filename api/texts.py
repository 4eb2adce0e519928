"""The texts of the HTML pages, in Vietnamese and English."""

from __future__ import annotations

from layers.layer import Text

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
"""The languages of the pages by their code, each in its own name; the first is the default."""

UNITS: dict[str, Text] = {
    "{person}": Text("người", "people"),
    "{camera}": Text("camera", "cameras"),
    "{room}": Text("phòng", "rooms"),
    "{star}": Text("sao", "stars"),
    "{table}": Text("bàn", "tables"),
    "{team}": Text("đội", "teams"),
    "{dose}": Text("liều", "doses"),
    "{bed}": Text("giường", "beds"),
    "{device}": Text("máy", "devices"),
    "{vehicle}": Text("xe", "vehicles"),
    "{case}": Text("ca", "cases"),
    "{sample}/d": Text("mẫu mỗi ngày", "samples a day"),
    "/(100000.{person})": Text("trên 100.000 dân", "per 100,000 people"),
    "h": Text("giờ", "hours"),
    "min": Text("phút", "minutes"),
    "VND": Text("đồng", "VND"),
    "km2": Text("km²", "km²"),
    "m2": Text("m²", "m²"),
}
"""UCUM units that people read in other words."""

TYPES: dict[str, Text] = {
    "string": Text("chữ", "text"),
    "integer": Text("số nguyên", "whole number"),
    "number": Text("số", "number"),
    "boolean": Text("có hoặc không", "yes or no"),
    "date": Text("ngày", "date"),
    "date-time": Text("ngày giờ", "date and time"),
    "uuid": Text("UUID", "UUID"),
    "uri": Text("địa chỉ", "address"),
}
"""JSON Schema types and formats as people call them."""

GEOMETRIES: dict[str, Text] = {
    "Point": Text("Điểm", "Point"),
    "LineString": Text("Đường", "Line"),
    "Polygon": Text("Vùng", "Polygon"),
    "MultiPoint": Text("Nhiều điểm", "Multi-point"),
    "MultiLineString": Text("Nhiều đường", "Multi-line"),
    "MultiPolygon": Text("Nhiều vùng", "Multi-polygon"),
    "Geometry": Text("Hình bất kỳ", "Any geometry"),
}
"""Geometry types as people call them."""

STATUSES: dict[int, Text] = {
    400: Text("Yêu cầu chưa đúng", "The request is not right"),
    429: Text("Quá nhiều yêu cầu", "Too many requests"),
    403: Text("Không được phép", "Not allowed"),
    401: Text("Cần đăng nhập", "Sign in first"),
    404: Text("Không có gì ở địa chỉ này", "There is nothing here"),
    405: Text("Địa chỉ này không nhận thao tác đó", "Not possible at this address"),
    406: Text("Không có định dạng được yêu cầu", "Not available in that format"),
    500: Text("Máy chủ gặp lỗi", "The server made an error"),
    503: Text("Máy chủ chưa trả lời được", "The server cannot answer now"),
}
"""What people read for an HTTP status; others are told by `problem`."""

STATUS_HINTS: dict[int, Text] = {
    400: Text(
        "Hãy sửa phần được nêu dưới đây trong địa chỉ rồi thử lại.",
        "Correct the part of the address that is named below and try again.",
    ),
    404: Text(
        "Địa chỉ có thể đã gõ sai, hoặc đối tượng không còn nữa.",
        "The address may be mistyped, or the feature no longer exists.",
    ),
    500: Text(
        "Lỗi đã được ghi lại. Hãy thử lại sau ít phút.",
        "The error has been recorded. Try again in a few minutes.",
    ),
    503: Text(
        "Hãy thử lại sau ít phút, hoặc thu hẹp phạm vi tìm kiếm.",
        "Try again in a few minutes, or ask for less at once.",
    ),
}
"""What a person can do about an HTTP status."""

JOB_STATES: dict[str, Text] = {
    "accepted": Text("Đang chờ", "Waiting"),
    "running": Text("Đang chạy", "Running"),
    "successful": Text("Xong", "Done"),
    "failed": Text("Không thành công", "Failed"),
    "dismissed": Text("Đã hủy", "Dismissed"),
}
"""The states of jobs (OGC API Processes part 1, 7.12)."""

PAGE_NAMES: dict[str, Text] = {
    "ogc": Text("Dữ liệu mở", "Open data"),
    "collections": Text("Lớp dữ liệu", "Collections"),
    "records": Text("Thư mục văn bản", "Catalogue of directives"),
    "items": Text("Đối tượng", "Items"),
    "queryables": Text("Thuộc tính lọc", "Queryables"),
    "schema": Text("Lược đồ", "Schema"),
    "sortables": Text("Thuộc tính sắp xếp", "Sortables"),
    "tiles": Text("Ô bản đồ", "Tiles"),
    "tileMatrixSets": Text("Lưới ô", "Tile matrix sets"),
    "styles": Text("Kiểu hiển thị", "Styles"),
    "metadata": Text("Siêu dữ liệu", "Metadata"),
    "processes": Text("Phân tích", "Processes"),
    "jobs": Text("Tác vụ", "Jobs"),
    "conformance": Text("Tuân thủ chuẩn", "Conformance"),
    "api": Text("Tài liệu API", "API documentation"),
    "facilities": Text("Cơ sở y tế", "Medical facilities"),
    "consultations": Text("Tư vấn từ xa", "Consultations"),
    "volunteers": Text("Điều phối tình nguyện", "Volunteers at work"),
    "network": Text("Thiết bị mạng", "Network assets"),
    "reports": Text("Báo cáo", "Reports"),
    "help": Text("Trợ giúp", "Help"),
    "sign-in": Text("Đăng nhập", "Sign in"),
    "account": Text("Tài khoản của tôi", "My account"),
    "admin": Text("Quản lý tài khoản", "Accounts"),
    "accounts": Text("Tài khoản", "Accounts"),
    "keys": Text("Khóa API", "API keys"),
}
"""Names of the parts of an address, for the trail of links at the top of a page."""

STANDARDS: dict[str, str] = {
    "ogcapi-common-1/1.0": "OGC API – Common, Part 1: Core",
    "ogcapi-common-2/1.0": "OGC API – Common, Part 2: Geospatial Data",
    "ogcapi-common-3/1.0": "OGC API – Common, Part 3: Schemas",
    "ogcapi-features-1/1.0": "OGC API – Features, Part 1: Core",
    "ogcapi-features-2/1.0": "OGC API – Features, Part 2: CRS by Reference",
    "ogcapi-features-3/1.0": "OGC API – Features, Part 3: Filtering",
    "ogcapi-features-5/1.0": "OGC API – Features, Part 5: Schemas",
    "cql2/1.0": "Common Query Language (CQL2)",
    "ogcapi-tiles-1/1.0": "OGC API – Tiles, Part 1: Core",
    "tms/2.0": "Two Dimensional Tile Matrix Set",
    "ogcapi-processes-1/1.0": "OGC API – Processes, Part 1: Core",
    "ogcapi-records-1/1.0": "OGC API – Records, Part 1: Core",
    "ogcapi-styles-1/0.0": "OGC API – Styles (draft)",
}
"""The standards by the part of a conformance class's URI that names them."""
