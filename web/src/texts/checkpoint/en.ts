import type { CheckpointTexts } from "./vi";

/** The texts of the checkpoint page in English. */
export const en: CheckpointTexts = {
  title: "Scan at a checkpoint",
  language: "Language",
  honest:
    "This page only reads codes so far. Nobody is checked in or out: that comes with health declarations.",
  choose: "At which checkpoint are you?",
  search: "Search name, code, road (accents not needed)",
  loading: "Loading the checkpoints…",
  noList: "The checkpoints could not be loaded; the first time needs a network.",
  found: "{n} checkpoints",
  shown: "{n} of {count} checkpoints shown; type more to narrow them down.",
  retry: "Try again",
  change: "Another checkpoint",
  direction: "Direction",
  goingIn: "IN",
  goingOut: "OUT",
  cameraStart: "Turn the camera on to scan",
  cameraStop: "Turn the camera off",
  cameraHint: "The browser will ask to use the camera. No picture leaves this device.",
  cameraOn: "Hold the QR code in front of the camera.",
  cameraLabel: "What the camera sees",
  cameraDenied:
    "This page may not use the camera. Allow it in the browser's settings, or type the code below.",
  cameraAbsent: "No camera was found. Type the code below.",
  cameraBusy: "Another app is using the camera. Close it, or type the code below.",
  cameraInsecure: "The camera needs HTTPS. Type the code below.",
  typeCode: "Or type the code",
  read: "Read the code",
  scanned: "Scanned",
  entered: "Typed",
  notRecorded: "not recorded",
};
