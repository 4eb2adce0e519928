"""The code lists of consultations."""

from __future__ import annotations

from layers.layer import Code, CodeList, Text

SYMPTOM = CodeList(
    "consultation_symptom",
    Text("Triệu chứng", "Symptoms"),
    (
        Code("breathless", Text("Khó thở, thở hụt hơi", "Short of breath")),
        Code("chest_pain", Text("Đau tức ngực kéo dài", "Lasting chest pain")),
        Code("confused", Text("Lơ mơ, lú lẫn, khó đánh thức", "Confused, hard to wake")),
        Code("blue_lips", Text("Tím môi, đầu ngón tay", "Blue lips or fingertips")),
        Code("cannot_drink", Text("Không uống được", "Cannot drink")),
        Code("convulsion", Text("Co giật", "Convulsions")),
        Code("fever", Text("Sốt", "Fever")),
        Code("cough", Text("Ho", "Cough")),
        Code("sore_throat", Text("Đau họng", "Sore throat")),
        Code("tired", Text("Mệt mỏi", "Tiredness")),
        Code("loss_of_smell", Text("Mất khứu giác, vị giác", "Loss of smell or taste")),
        Code("diarrhoea", Text("Tiêu chảy, nôn", "Diarrhoea, vomiting")),
        Code("wound", Text("Vết thương", "Wound")),
        Code("medicine", Text("Hết thuốc đang dùng", "Out of regular medicine")),
        Code("other", Text("Khác", "Other")),
    ),
)
CONDITION = CodeList(
    "consultation_condition",
    Text("Bệnh nền", "Chronic conditions"),
    (
        Code("diabetes", Text("Đái tháo đường", "Diabetes")),
        Code("hypertension", Text("Tăng huyết áp", "High blood pressure")),
        Code("heart", Text("Bệnh tim mạch", "Heart disease")),
        Code("lung", Text("Bệnh phổi mạn tính, hen", "Chronic lung disease, asthma")),
        Code("kidney", Text("Bệnh thận mạn tính", "Chronic kidney disease")),
        Code("cancer", Text("Ung thư", "Cancer")),
        Code("immune", Text("Suy giảm miễn dịch", "Weakened immunity")),
        Code("obesity", Text("Béo phì", "Obesity")),
    ),
)
PRIORITY = CodeList(
    "consultation_priority",
    Text("Ưu tiên", "Priority"),
    (
        Code("p1", Text("1 · Nguy hiểm", "1 · Danger")),
        Code("p2", Text("2 · Gấp", "2 · Urgent")),
        Code("p3", Text("3 · Nguy cơ cao", "3 · At risk")),
        Code("p4", Text("4 · Thường", "4 · Routine")),
    ),
)
STATE = CodeList(
    "consultation_state",
    Text("Trạng thái", "State"),
    (
        Code("waiting", Text("Chờ gọi lại", "Waiting for the call")),
        Code("taken", Text("Bác sĩ đang gọi", "A doctor has it")),
        Code("follow_up", Text("Hẹn gọi lại", "To be called again")),
        Code("closed", Text("Đã kết thúc", "Closed")),
    ),
)
OUTCOME = CodeList(
    "consultation_outcome",
    Text("Kết quả", "Outcome"),
    (
        Code("advice", Text("Đã tư vấn", "Advice given")),
        Code("prescribed", Text("Đã có đơn thuốc (cấp nơi khác)", "Prescribed, elsewhere")),
        Code("no_need", Text("Không cần tư vấn nữa", "No need any more")),
        Code("facility", Text("Chuyển cơ sở y tế", "To a medical facility")),
        Code("sos", Text("Chuyển SOS", "Handed over to SOS")),
        Code("unreachable", Text("Không liên lạc được", "Not reached")),
        Code("cancelled", Text("Người gửi đã hủy", "Cancelled by the person")),
    ),
)
CHANNEL = CodeList(
    "consultation_channel",
    Text("Kênh", "Channel"),
    (
        Code("web", Text("Trang web", "Web page")),
        Code("hotline", Text("Tổng đài", "Hotline")),
        Code("officer", Text("Cán bộ", "Officer")),
    ),
)
