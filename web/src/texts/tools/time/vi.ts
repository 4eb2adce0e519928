/** The texts of the time slider in Vietnamese: the catalogue that the others must match. */
export const vi = {
  title: "Theo thời gian",
  layers: "Lớp thay đổi theo thời gian",
  layersHint: "Bản đồ chỉ hiện đối tượng có thời điểm nằm trong khoảng đang chọn.",
  window: "Khoảng hiển thị",
  day: "1 ngày",
  step: "Mỗi bước",
  steps: "{n} ngày",
  slider: "Ngày cuối của khoảng hiển thị",
  play: "Phát",
  pause: "Dừng",
  earlier: "Lùi một bước",
  later: "Tiến một bước",
  speed: "Khung/giây",
  slow: "Máy này chọn giảm chuyển động: tối đa 1 khung/giây.",
  found: "{n} đối tượng trong khoảng này",
  none: "Chưa chọn lớp nào, hoặc các lớp đã chọn chưa có dữ liệu.",
  loading: "Đang đếm theo ngày…",
  failed: "Chưa đếm được theo ngày vì máy chủ không trả lời.",
  stays: "Bản đồ vẫn chỉ hiện: {window}. Mở lại công cụ để bỏ lọc.",
  clear: "Bỏ lọc thời gian",
  zone: "Ngày tính theo giờ {zone}.",
};

export type TimeTexts = Record<keyof typeof vi, string>;
