"""What people read of check-ins: why one is refused, and the words of a site's poster."""

from __future__ import annotations

from layers.layer import Text

REASONS = {
    "bad_card": Text(
        "Mã QR này không phải của hệ thống tỉnh, hoặc là mã giả.",
        "This code is no card of the province's, or a forged one.",
    ),
    "expired": Text("Thẻ QR đã hết hạn.", "The card has expired."),
    "no_card": Text("Thẻ QR không còn hiệu lực.", "The card holds no more."),
    "revoked": Text("Thẻ QR đã bị thu hồi.", "The card was revoked."),
    "bad_id_card": Text(
        "Không đọc được mã QR của căn cước: cần số 12 hoặc 9 chữ số và họ tên.",
        "This is no identity card's QR code: a number of 12 or 9 digits and a name are needed.",
    ),
    "bad_number": Text(
        "Số căn cước phải có 12 hoặc 9 chữ số.", "An identity number has 12 or 9 digits."
    ),
    "who": Text(
        "Cần đúng một trong: token, id_card, hoặc number cùng với name.",
        "Exactly one of token, id_card, or number with name is needed.",
    ),
    "no_site": Text("Không có điểm nào mang mã này.", "No site has this code."),
    "not_yours": Text(
        "Điểm này không thuộc đơn vị của bạn.", "This site is not of your department or district."
    ),
    "closed": Text("Điểm này đang đóng.", "This site is closed."),
    "future": Text(
        "Thời điểm ở tương lai: hãy chỉnh lại đồng hồ của máy.",
        "The time is in the future: set the clock of this device.",
    ),
    "old": Text("Lượt này quá cũ để ghi nhận.", "This is too old to be recorded."),
    "too_many": Text(
        "Thẻ này đã khai quá nhiều lượt trong một giờ; hãy thử lại sau.",
        "This card has checked in too often in an hour; try again later.",
    ),
}
"""Why a check-in is refused, by what the database or the reading says."""

POSTER_TITLE = Text("KHAI BÁO VÀO – RA", "CHECK IN – CHECK OUT")
POSTER_STEPS = (
    Text("Mở máy ảnh của điện thoại, đưa vào mã QR này", "Point your phone's camera at this code"),
    Text("Mở đường dẫn hiện ra, chọn thẻ QR của bạn", "Open the link and choose your card"),
    Text("Bấm VÀO khi đến, bấm RA khi về", "Tap IN when you come, OUT when you leave"),
)
POSTER_HELP = Text(
    "Không có điện thoại thông minh? Hãy đưa thẻ QR in sẵn hoặc căn cước cho cán bộ trực.",
    "No smartphone? Show your printed card or identity card to the officer.",
)
POSTER_CODE = Text("Mã điểm: {code}", "Site code: {code}")
POSTER_HOTLINE = Text("Đường dây nóng: {hotline}", "Hotline: {hotline}")
