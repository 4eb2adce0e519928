"""The code lists and columns that the registers of vaccination share."""

from __future__ import annotations

from layers.layer import Code, CodeList, Column, Text
from layers.registers.record import PLACE

POINTS = ("vaccination_points",)
"""The layers whose features are places of vaccination."""
STEWARD = "health"

MOST_DOSES = 9
"""Of one person."""


def _codes(name: str, vi: str, en: str, *codes: tuple[str, str, str]) -> CodeList:
    return CodeList(
        name,
        Text(vi, en),
        tuple(Code(value, Text(first, second)) for value, first, second in codes),
    )


STORE = _codes("vaccine_store", "Kho", "Store", ("store", "Kho tỉnh", "Provincial store"))
HOME = _codes("vaccination_home", "Nơi ở", "Home", ("home", "Theo nơi ở", "By home"))
ELSEWHERE = _codes(
    "vaccinated_elsewhere", "Nơi khác", "Elsewhere", ("elsewhere", "Nơi khác", "Elsewhere")
)
LOT_STATE = _codes(
    "vaccine_lot_state",
    "Trạng thái lô",
    "State of the lot",
    ("usable", "Được dùng", "Usable"),
    ("recalled", "Thu hồi", "Recalled"),
)
MOVEMENT = _codes(
    "stock_movement",
    "Loại xuất nhập",
    "Kind of movement",
    ("received", "Nhận về", "Received"),
    ("moved", "Chuyển đi", "Moved away"),
    ("arrived", "Chuyển đến", "Moved in"),
    ("used", "Đã tiêm", "Used"),
    ("unused", "Sửa: không tiêm", "Corrected: not used"),
    ("wasted", "Hủy, hỏng", "Wasted"),
    ("returned", "Trả lại", "Returned"),
    ("corrected", "Kiểm kê, điều chỉnh", "Corrected"),
)
SESSION_STATE = _codes(
    "vaccination_session_state",
    "Trạng thái buổi tiêm",
    "State of the session",
    ("planned", "Sẽ tiêm", "Planned"),
    ("closed", "Đã kết thúc", "Closed"),
    ("cancelled", "Đã hủy", "Cancelled"),
)
REACH = _codes(
    "invitation_reach",
    "Mời người ở",
    "Invite people of",
    ("commune", "Xã, phường của điểm", "The point's commune"),
    ("district", "Huyện của điểm", "The point's district"),
    ("province", "Toàn tỉnh", "The whole province"),
)
REGISTRATION_STATE = _codes(
    "vaccination_registration_state",
    "Trạng thái đăng ký",
    "State of the registration",
    ("waiting", "Đang chờ", "Waiting"),
    ("invited", "Đã mời", "Invited"),
    ("arrived", "Đã đến", "Arrived"),
    ("done", "Đã tiêm đủ", "Complete"),
    ("cancelled", "Đã hủy", "Cancelled"),
)
SOURCE = _codes(
    "vaccination_registration_source",
    "Ai đăng ký",
    "Registered by",
    ("self", "Người dân", "The person"),
    ("organisation", "Tổ chức, doanh nghiệp", "An organisation"),
    ("officer", "Cán bộ", "An officer"),
)
VISIT_STATE = _codes(
    "vaccination_state",
    "Trạng thái lượt tiêm",
    "State of the visit",
    ("arrived", "Chờ khám sàng lọc", "Waits for screening"),
    ("fit", "Đủ điều kiện tiêm", "Fit"),
    ("observing", "Đang theo dõi", "Under observation"),
    ("done", "Đã tiêm", "Vaccinated"),
    ("deferred", "Hoãn tiêm", "Deferred"),
    ("refused", "Từ chối tiêm", "Refused"),
    ("contraindicated", "Chống chỉ định", "Contraindicated"),
    ("void", "Ghi nhầm, không tiêm", "Entered by mistake"),
)
SCREENING = CodeList(
    "vaccination_screening",
    Text("Kết quả khám sàng lọc", "Outcome of the screening"),
    tuple(
        one
        for one in VISIT_STATE.codes
        if one.value in ("fit", "deferred", "refused", "contraindicated")
    ),
)
SITE = _codes(
    "injection_site",
    "Vị trí tiêm",
    "Site of the injection",
    ("left_arm", "Tay trái", "Left arm"),
    ("right_arm", "Tay phải", "Right arm"),
    ("thigh", "Đùi", "Thigh"),
)
SEVERITY = _codes(
    "reaction_severity",
    "Mức độ",
    "Severity",
    ("mild", "Nhẹ", "Mild"),
    ("severe", "Nặng", "Severe"),
    ("anaphylaxis", "Phản vệ", "Anaphylaxis"),
)
REACTION_OUTCOME = _codes(
    "reaction_outcome",
    "Kết quả",
    "Outcome",
    ("watched", "Đang theo dõi", "Being watched"),
    ("recovered", "Đã khỏi", "Recovered"),
    ("hospital", "Chuyển viện", "Taken to hospital"),
    ("died", "Tử vong", "Died"),
)
SYMPTOMS = _codes(
    "reaction_symptoms",
    "Triệu chứng",
    "Symptoms",
    ("local_pain", "Đau, sưng chỗ tiêm", "Pain or swelling at the site"),
    ("fever", "Sốt", "Fever"),
    ("headache", "Đau đầu, mệt mỏi", "Headache, fatigue"),
    ("nausea", "Buồn nôn, nôn", "Nausea, vomiting"),
    ("rash", "Mẩn ngứa, phát ban", "Rash, itching"),
    ("fainting", "Ngất, choáng", "Fainting"),
    ("dyspnoea", "Khó thở", "Shortness of breath"),
    ("chest_pain", "Đau ngực", "Chest pain"),
    ("low_pressure", "Tụt huyết áp", "Low blood pressure"),
    ("convulsion", "Co giật", "Convulsion"),
    ("other", "Khác", "Other"),
)
CORRECTED = _codes(
    "vaccination_correction_field",
    "Sửa gì",
    "What to correct",
    ("name", "Họ và tên", "Name"),
    ("birth_year", "Năm sinh", "Year of birth"),
    ("vaccine", "Vắc-xin", "Vaccine"),
    ("lot", "Số lô", "Lot"),
    ("given_on", "Ngày tiêm", "Day of the dose"),
    ("missing_dose", "Thiếu mũi tiêm", "Missing dose"),
    ("not_given", "Mũi không có thật", "Dose that was not given"),
)
CORRECTION_STATE = _codes(
    "vaccination_correction_state",
    "Trạng thái đề nghị",
    "State of the request",
    ("open", "Chờ duyệt", "Open"),
    ("applied", "Đã sửa", "Applied"),
    ("rejected", "Không sửa", "Rejected"),
)

PLACE_COLUMN = Column(PLACE, Text("Điểm tiêm", "Point"), max_length=40)
VACCINE = Column("vaccine", Text("Vắc-xin", "Vaccine"), max_length=40)
LOT = Column("lot", Text("Số lô", "Lot"), max_length=40, in_search=True)
GROUP = Column("priority_group", Text("Nhóm ưu tiên", "Priority group"), max_length=40)
REASON = Column("reason", Text("Lý do", "Reason"), max_length=500)
LISTS = {"vaccine": "vaccines", "priority_group": "priority_groups"}
"""The province's own lists of these columns."""
