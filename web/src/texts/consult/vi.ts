/** The texts of what /consult keeps on the device, in Vietnamese: the catalogue that the others must match. */
export const vi = {
  offline: "Không có mạng. Phiếu được giữ trên máy này và tự gửi khi có mạng, đúng một lần.",
  mine: "Phiếu trên máy này",
  made: "Viết lúc {time}",
  waiting: "Đang chờ gửi",
  sending: "Đang gửi",
  sent: "Đã nhận yêu cầu {code}",
  refused: "Không được nhận",
  waitingOffline: "Chưa có mạng. Phiếu được giữ trên máy này.",
  waitingBusy: "Máy chủ đang nhận quá nhiều phiếu từ mạng này. Trang sẽ tự gửi lại.",
  waitingServer: "Máy chủ đang gặp sự cố. Trang sẽ tự gửi lại.",
  waitingSync: "Có thể đóng trang: trình duyệt sẽ gửi khi có mạng.",
  waitingOpen: "Nếu đóng trang, hãy mở lại khi có mạng để gửi.",
  refusedFields: "Có chỗ cần sửa:",
  refusedOther: "Máy chủ từ chối (lỗi {status}). Hãy gửi phiếu mới hoặc gọi tổng đài.",
  danger: "Có dấu hiệu nguy hiểm: gọi {number} ngay, đừng chờ bác sĩ gọi lại.",
  call: "Gọi {number}",
  mend: "Sửa và gửi lại",
  follow: "Xem yêu cầu này",
  tryNow: "Gửi ngay",
  forget: "Xóa khỏi máy này",
  forgetSure: "Bấm lần nữa để xóa",
  symptomMissing: "Hãy đánh dấu ít nhất một mục.",
  numberWrong: "Phải là số nguyên từ {least} đến {most}.",
};

export type ConsultTexts = typeof vi;
