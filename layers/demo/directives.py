"""Synthetic directives: what a province issues in an epidemic and before a storm, with its files.

Every page of a file says that it is made up; nobody is named.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from layers.demo.geography import Geography
from layers.demo.letters import Letter, written
from layers.documents.directives import KIND
from layers.documents.files import path_of
from layers.pdf.reading import texts_of
from layers.province import Province

MOST_PAGES = 10
"""Pages of a file of the demo."""


@dataclass(frozen=True, slots=True)
class Order:
    """A directive as the demo tells it.

    Attributes:
        days: before the end of the demo at which it was issued.
        term: days that it is in force; None: until further notice.
        of: the districts it is about, by their place in the list of districts; none: the province.
        by_district: whether the first of these districts issues it.
        starts: days after its issue at which it comes into force.
    """

    number: str
    kind: str
    field: str
    title: str
    days: int
    points: tuple[str, ...]
    term: int | None = None
    of: tuple[int, ...] = ()
    by_district: bool = False
    starts: int = 0
    replaces: str = ""
    internal: bool = False


ORDERS = (
    Order(
        "11/CT-UBND", "directive", "epidemic",
        "Về tăng cường các biện pháp phòng, chống dịch bệnh trên địa bàn tỉnh", 84,
        (
            "Thực hiện nghiêm thông điệp 5K; dừng các hoạt động tụ tập trên 20 người nơi công"
            " cộng, ngoài công sở, trường học, bệnh viện.",
            "Ngành y tế tổ chức giám sát, xét nghiệm sàng lọc tại các cơ sở khám bệnh, chữa bệnh.",
            "Ủy ban nhân dân các huyện, thị xã, thành phố kích hoạt các tổ phòng, chống dịch cộng"
            " đồng, đi từng ngõ, gõ từng nhà.",
        ),
    ),
    Order(
        "14/CT-UBND", "directive", "epidemic",
        "Về giãn cách xã hội để phòng, chống dịch bệnh", 58,
        (
            "Gia đình cách ly với gia đình, thôn cách ly với thôn, xã cách ly với xã; người dân ở"
            " tại nhà, chỉ ra ngoài trong trường hợp thật sự cần thiết như mua lương thực, thực"
            " phẩm, thuốc men, cấp cứu.",
            "Dừng hoạt động vận chuyển hành khách công cộng, trừ xe đưa đón người lao động và xe"
            " cứu thương.",
            "Cơ quan nhà nước bố trí cán bộ, công chức làm việc tại nhà; chỉ những trường hợp trực"
            " chiến đấu, trực cơ quan mới đến công sở.",
            "Các chốt kiểm soát liên ngành hoạt động 24 giờ mỗi ngày, kiểm tra khai báo y tế và"
            " giấy xét nghiệm còn hiệu lực của người vào tỉnh.",
        ),
        replaces="11/CT-UBND",
    ),
    Order(
        "2231/QĐ-UBND", "decision", "movement",
        "Về việc thành lập các chốt kiểm soát dịch bệnh liên ngành trên các tuyến đường ra vào"
        " tỉnh", 56,
        (
            "Thành lập các chốt kiểm soát dịch bệnh trên quốc lộ, đường tỉnh và ga đường sắt.",
            "Mỗi chốt có lực lượng công an, quân sự, y tế, giao thông; trực ba ca.",
            "Người đi qua chốt quét mã QR khai báo y tế; xe chở hàng thiết yếu được ưu tiên.",
        ),
    ),
    Order(
        "2310/QĐ-UBND", "decision", "quarantine",
        "Về việc phân bổ chỉ tiêu cách ly tập trung và cách ly tại khách sạn có thu phí", 50,
        (
            "Giao Bộ Chỉ huy Quân sự tỉnh quản lý các khu cách ly tập trung; ngành du lịch quản lý"
            " các khách sạn cách ly có thu phí.",
            "Thời gian cách ly tập trung 14 ngày, theo dõi sức khỏe tại nhà 14 ngày tiếp theo.",
            "Camera giám sát hoạt động liên tục, dữ liệu lưu 30 ngày.",
        ),
    ),
    Order(
        "45/QĐ-UBND", "decision", "quarantine",
        "Về việc thiết lập vùng cách ly y tế tại {district}", 40,
        (
            "Thiết lập vùng cách ly y tế trên địa bàn {district} kể từ 0 giờ ngày ký.",
            "Bảo đảm lương thực, thực phẩm, nước sạch cho người dân trong vùng cách ly.",
            "Trung tâm Y tế lấy mẫu xét nghiệm toàn bộ người dân trong vùng ba ngày một lần.",
        ),
        term=21, of=(1,), by_district=True,
    ),
    Order(
        "186/KH-UBND", "plan", "vaccination",
        "Kế hoạch triển khai chiến dịch tiêm vắc xin trên địa bàn tỉnh", 45,
        (
            "Mục tiêu: trên 95 phần trăm người từ 18 tuổi được tiêm ít nhất một mũi vắc xin.",
            "Ưu tiên lực lượng tuyến đầu, người trên 65 tuổi, người có bệnh nền, công nhân khu"
            " công nghiệp, lái xe đường dài.",
            "Mỗi điểm tiêm bố trí đủ bàn tiêm, phòng theo dõi sau tiêm 30 phút và đội cấp cứu.",
            "Cập nhật dữ liệu mũi tiêm trong ngày; sai sót phải đính chính trong 48 giờ.",
        ),
        term=120,
    ),
    Order(
        "5512/UBND-KGVX", "official_letter", "social_security",
        "Về việc hỗ trợ người lao động và người dân gặp khó khăn do dịch bệnh", 33,
        (
            "Rà soát, lập danh sách lao động tự do mất việc làm để chi hỗ trợ một lần.",
            "Cấp phát túi an sinh cho hộ nghèo, hộ cận nghèo và người ở trọ trong vùng cách ly.",
            "Công khai danh sách tại nhà văn hóa thôn, tổ dân phố.",
        ),
    ),
    Order(
        "18/CT-UBND", "directive", "epidemic",
        "Về thích ứng an toàn, linh hoạt, kiểm soát hiệu quả dịch bệnh", 24,
        (
            "Đánh giá cấp độ dịch đến cấp xã, cập nhật hằng tuần trên bản đồ điều hành.",
            "Các cơ sở sản xuất, kinh doanh hoạt động trở lại theo cấp độ dịch của từng xã,"
            " phường.",
            "Người đến từ địa bàn cấp độ 4 xét nghiệm và theo dõi sức khỏe 7 ngày.",
            "Giữ các chốt kiểm soát ở cửa ngõ tỉnh; bãi bỏ các chốt liên xã.",
        ),
        replaces="14/CT-UBND",
    ),
    Order(
        "62/TB-UBND", "notice", "movement",
        "Thông báo tạm dừng tắm biển và hoạt động tàu thuyền du lịch tại {district}", 12,
        (
            "Tạm dừng tắm biển, hoạt động của tàu thuyền du lịch trên địa bàn {district}.",
            "Bộ đội biên phòng phối hợp kiểm đếm, kêu gọi tàu thuyền vào nơi tránh trú.",
        ),
        term=10, of=(1,), by_district=True,
    ),
    Order(
        "07/CĐ-UBND", "dispatch", "disaster",
        "Công điện về tập trung ứng phó bão và mưa lũ lớn", 3,
        (
            "Tổ chức sơ tán người dân ở vùng trũng thấp, ven sông, ven biển và nơi có nguy cơ sạt"
            " lở trước 17 giờ ngày hôm nay; kết hợp bảo đảm an toàn phòng, chống dịch tại nơi sơ"
            " tán.",
            "Vận hành hồ chứa theo quy trình liên hồ; thông báo trước khi xả lũ ít nhất 4 giờ.",
            "Lực lượng cứu hộ, cứu nạn trực 24/24 giờ với xuồng, áo phao, phương tiện thông tin.",
            "Báo cáo tình hình về Ban Chỉ huy trước 6 giờ và 16 giờ hằng ngày.",
        ),
        term=6,
    ),
    Order(
        "2987/QĐ-UBND", "decision", "rescue",
        "Về việc điều động lực lượng, phương tiện tăng cường cho {districts}", 2,
        (
            "Điều động các đội cứu hộ có xuồng máy tăng cường cho {districts}.",
            "Các đội chịu sự điều phối trực tiếp của Ban điều phối cứu hộ, cứu nạn.",
            "Tần số liên lạc và danh sách cán bộ trực ghi trong phụ lục lưu hành nội bộ.",
        ),
        term=8, of=(0, 1, 4), internal=True,
    ),
    Order(
        "198/KH-UBND", "plan", "health",
        "Kế hoạch bảo đảm giường bệnh và oxy y tế trong tình huống dịch chồng thiên tai", 1,
        (
            "Bảo đảm tối thiểu 300 giường điều trị có oxy tại ba cụm bệnh viện.",
            "Dự phòng máy phát điện, nhiên liệu 72 giờ cho các cơ sở điều trị.",
            "Lập phương án chuyển người bệnh nặng khi đường bị chia cắt.",
        ),
        starts=5, term=90,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issued:
    """An order as it was issued in a province."""

    order: Order
    title: str
    points: tuple[str, ...]
    issuer: str
    place: str
    on: date
    valid_from: datetime
    units: tuple[str, ...] = field(default=())


def issued(geography: Geography, province: Province, until: datetime) -> list[Issued]:
    """The directives with their names filled in, the oldest first."""
    head = province.letterhead
    districts = sorted(geography.districts)
    made = []
    for order in ORDERS:
        codes = tuple(districts[number % len(districts)] for number in order.of)
        names = [geography.districts[code].name for code in codes]
        words = {"district": names[0] if names else "", "districts": ", ".join(names)}
        on = (until - timedelta(days=order.days)).date()
        start = datetime.combine(on, time(), until.tzinfo) + timedelta(days=order.starts)
        made.append(
            Issued(
                order,
                order.title.format(**words),
                tuple(point.format(**words) for point in order.points),
                f"UBND {names[0]}" if order.by_district else (head.parent or head.issuer).vi,
                names[0] if order.by_district else head.place.vi,
                on,
                start,
                codes,
            )
        )
    return made


def directives(geography: Geography, province: Province, until: datetime) -> pa.Table:
    """The rows; the newest come first, so that none is changed by a later one."""
    rows = []
    for number, one in enumerate(issued(geography, province, until), 1):
        order = one.order
        end = None if order.term is None else one.valid_from + timedelta(days=order.term)
        rows.append(
            {
                "id": number,
                "number": order.number,
                "kind": order.kind,
                "title": f"{one.title} (dữ liệu mô phỏng)",
                "issued_on": one.on,
                "issuer": one.issuer,
                "field": order.field,
                "summary": one.points[0],
                "valid_from": one.valid_from,
                "valid_until": end,
                "replaces": order.replaces or None,
                "unit_codes": ",".join(one.units) or None,
                "audience": "internal" if order.internal else "public",
                "updated_at": datetime.combine(one.on, time(8), until.tzinfo),
            }
        )
    return pa.Table.from_pylist(rows[::-1])


def give_files(cursor: Any, folder: Path, made: list[Issued]) -> None:
    """Write a PDF for each directive of the demo, and let its text be searched.

    Args:
        folder: where the files of directives are.
    """
    # What is about to be deleted is written again below, and must not be swept away.
    cursor.execute("DELETE FROM dieuhanh.directive_file")
    cursor.execute("DELETE FROM dieuhanh.directive_loose")
    for number, one in enumerate(made, 1):
        kind = KIND.title_of(one.order.kind, "vi")
        letter = Letter(
            one.issuer, one.order.number, one.place, one.on, kind, one.title, one.points
        )
        body = written(letter)
        sha256 = hashlib.sha256(body).hexdigest()
        path = path_of(folder, sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half = path.with_suffix(".part")
            half.write_bytes(body)
            half.replace(path)
        texts = texts_of(path, MOST_PAGES)
        cursor.execute(
            "INSERT INTO dieuhanh.directive_file"
            " (directive_id, name, sha256, bytes, pages, has_text)"
            " VALUES (%s, %s, %s, %s, %s, true) RETURNING id",
            (number, f"{kind}.pdf", sha256, len(body), len(texts)),
        )
        file = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO dieuhanh.directive_page (directive_id, file_id, page, body, vector)"
            " SELECT d.id, %s, t.page, t.body, private.directive_vector(d, t.body)"
            " FROM layer.directives AS d, unnest(%s::text[]) WITH ORDINALITY AS t(body, page)"
            " WHERE d.id = %s",
            (file, texts, number),
        )
