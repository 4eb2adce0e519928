import type { ConsultTexts } from "./vi";

/** The texts of what /consult keeps on the device, in English. */
export const en: ConsultTexts = {
  offline: "There is no network. The form is kept on this device and sent once there is, once.",
  mine: "Forms on this device",
  made: "Written at {time}",
  waiting: "Waiting to be sent",
  sending: "Sending",
  sent: "Request {code} was taken",
  refused: "Not taken",
  waitingOffline: "There is no network. The form is kept on this device.",
  waitingBusy: "The server gets too many forms from this network. The page sends it again.",
  waitingServer: "The server has a fault. The page sends it again.",
  waitingSync: "You may close the page: the browser sends it once there is a network.",
  waitingOpen: "If you close the page, open it again when there is a network to send it.",
  refusedFields: "Something is to be mended:",
  refusedOther: "The server refused it (error {status}). Send a new form or call the hotline.",
  danger: "There is a danger sign: call {number} now; do not wait for the doctor.",
  call: "Call {number}",
  mend: "Mend and send again",
  follow: "See this request",
  tryNow: "Send now",
  forget: "Delete from this device",
  forgetSure: "Press again to delete",
  symptomMissing: "Tick at least one.",
  numberWrong: "Must be a whole number from {least} to {most}.",
};
