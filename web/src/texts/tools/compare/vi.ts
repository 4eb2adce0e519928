/** The texts of the comparison of two dates in Vietnamese: the catalogue that the others must match. */
export const vi = {
  title: "So sánh hai thời điểm",
  meaning:
    "Bên trái hiện đối tượng có thời điểm nằm trong khoảng A, bên phải trong khoảng B. So sánh những gì được ghi nhận trong mỗi khoảng, không phải trạng thái cũ của từng đối tượng. Nút gạt giữa bản đồ chia hai bên.",
  window: "Độ dài mỗi khoảng",
  first: "Ngày cuối khoảng A",
  second: "Ngày cuối khoảng B",
  wrongDay: "Hãy chọn một ngày có thật.",
  divider: "Đường chia giữa khoảng A và khoảng B",
  dividerAt: "Khoảng A chiếm {n}% bản đồ",
  side: "{name}: {window}",
  rightMap: "Bản đồ của khoảng B",
  layers: "Lớp được so sánh",
  table: "Số đối tượng trong mỗi khoảng",
  byDistrict: "Theo quận, huyện: {layer}",
  difference: "Chênh lệch",
  layer: "Lớp",
  district: "Quận, huyện",
  elsewhere: "Ngoài tỉnh",
  districts: "Xem theo quận, huyện",
  loading: "Đang đếm…",
  failed: "Chưa đếm được vì máy chủ không trả lời.",
  none: "Chưa chọn lớp nào có thời gian.",
  noMap: "Trình duyệt này không mở được bản đồ thứ hai. Bảng số liệu vẫn dùng được.",
};

export type CompareTexts = Record<keyof typeof vi, string>;
