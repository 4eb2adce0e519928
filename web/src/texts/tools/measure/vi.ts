/** The texts of measuring in Vietnamese: the catalogue that the others must match. */
export const vi = {
  title: "Đo đạc",
  what: "Đo gì",
  distance: "Khoảng cách",
  area: "Diện tích",
  hintStart: "Bấm vào bản đồ để đặt điểm.",
  keyHint: "Bằng bàn phím: di chuyển bản đồ rồi nhấn Enter để đặt điểm ở dấu thập.",
  hintGoOn: "Bấm đúp, hoặc nhấn Enter lần nữa tại chỗ, để kết thúc.",
  middle: "Đặt điểm ở dấu thập",
  undo: "Bỏ điểm cuối",
  finish: "Xong",
  again: "Đo lại",
  total: "Tổng chiều dài",
  last: "Đoạn cuối",
  perimeter: "Chu vi",
  points: "Số điểm",
  full: "Chỉ đo được tối đa {n} điểm.",
  crossed: "Các cạnh cắt nhau: diện tích này không có nghĩa.",
  accuracy: "Đo trên ellipsoid WGS 84, theo đường ngắn nhất giữa các điểm.",
};

export type MeasureTexts = Record<keyof typeof vi, string>;
