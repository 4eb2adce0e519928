"""The code lists of health declarations, of what they raise, and of what people do next."""

from __future__ import annotations

from collections.abc import Collection

from layers.layer import Code, CodeList, Text

SYMPTOM = CodeList(
    "symptom",
    Text("Triệu chứng", "Symptoms"),
    (
        Code("fever", Text("Sốt", "Fever")),
        Code("cough", Text("Ho", "Cough")),
        Code("breathless", Text("Khó thở", "Short of breath")),
        Code("sore_throat", Text("Đau họng", "Sore throat")),
        Code("tired", Text("Mệt mỏi", "Tiredness")),
        Code("muscle_pain", Text("Đau mỏi người", "Muscle pain")),
        Code("loss_of_smell", Text("Mất khứu giác, vị giác", "Loss of smell or taste")),
        Code("diarrhoea", Text("Tiêu chảy", "Diarrhoea")),
    ),
)
DECLARED_BY = CodeList(
    "declared_by",
    Text("Người khai", "Declared by"),
    (
        Code("self", Text("Bản thân", "The person")),
        Code("family", Text("Người nhà", "Somebody of the family")),
        Code("other", Text("Người giúp khai", "Somebody who helps")),
        Code("officer", Text("Cán bộ", "An officer")),
    ),
)
KIND = CodeList(
    "flag_kind",
    Text("Lý do", "Why"),
    (
        Code("positive", Text("Mẫu dương tính", "Positive sample")),
        Code("symptoms", Text("Có triệu chứng", "Has symptoms")),
        Code("contact", Text("Tiếp xúc ca bệnh", "Contact with a case")),
        Code("zone_travel", Text("Đã đến vùng dịch", "Has been in an outbreak zone")),
        Code("zone_home", Text("Ở trong vùng dịch", "Stays in an outbreak zone")),
    ),
)
FLAG_STATE = CodeList(
    "flag_state",
    Text("Trạng thái", "State"),
    (
        Code("open", Text("Chưa xem", "Open")),
        Code("seen", Text("Đang xử lý", "Seen")),
        Code("closed", Text("Đã đóng", "Closed")),
    ),
)
NEXT = CodeList(
    "declaration_next",
    Text("Việc cần làm tiếp", "What to do next"),
    (
        Code(
            "call_now",
            Text(
                "Nếu khó thở, hãy gọi 115 hoặc tổng đài ngay.",
                "If you are short of breath, call 115 or the hotline now.",
            ),
        ),
        Code(
            "wait_for_call",
            Text(
                "Hãy ở yên tại chỗ, đeo khẩu trang; cán bộ y tế sẽ gọi số điện thoại đã khai.",
                "Stay where you are and wear a mask; health staff will call the number you gave.",
            ),
        ),
        Code(
            "stay_in_zone",
            Text(
                "Nơi bạn ở thuộc vùng dịch: không rời khỏi vùng khi chưa được phép.",
                "Where you stay is in an outbreak zone: do not leave it without permission.",
            ),
        ),
        Code(
            "show_card",
            Text(
                "Đưa mã QR ra khi qua chốt hoặc đến nơi công cộng; khai lại khi hết hạn.",
                "Show the QR code at checkpoints and public places; declare again when it ends.",
            ),
        ),
    ),
)


def next_steps(symptoms: Collection[str], kinds: Collection[str]) -> tuple[Code, ...]:
    """What somebody does next, by what was declared and what that raised."""
    wanted = {
        "call_now": "breathless" in symptoms,
        "wait_for_call": bool({"symptoms", "contact", "zone_travel"} & set(kinds)),
        "stay_in_zone": "zone_home" in kinds,
        "show_card": True,
    }
    return tuple(code for code in NEXT.codes if wanted[code.value])
