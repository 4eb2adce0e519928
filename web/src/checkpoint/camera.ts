/** What reads codes in pictures: the browser's own, or one of the same form. */
interface Detector {
  detect(image: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

type DetectorClass = {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
};

const QR = "qr_code";
const LOOK_MS = 150;
/** The same code in view is one reading until it has been away for so long. */
const AWAY_MS = 2500;

export type Trouble = "denied" | "absent" | "busy" | "insecure";

/** The browser's own reader where it has one for QR codes (Android); else the library's, loaded then. */
async function detector(): Promise<Detector> {
  const own = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  const formats = (await own?.getSupportedFormats().catch(() => [])) ?? [];
  if (own && formats.includes(QR)) return new own({ formats: [QR] });
  const { BarcodeDetector } = await import("qr/decode.js");
  return new BarcodeDetector({ formats: [QR] }) as Detector;
}

/** Why there is no camera, from what the browser threw. */
export function troubleOf(error: unknown): Trouble {
  const { name = "" } = error as { name?: string };
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "absent";
}

/** The camera of the device, looked through for QR codes until it is stopped. */
export class Camera {
  readonly #video: HTMLVideoElement;
  readonly #found: (text: string) => void;
  #stream: MediaStream | null = null;
  #timer = 0;
  #last = { text: "", at: 0 };

  constructor(video: HTMLVideoElement, found: (text: string) => void) {
    this.#video = video;
    this.#found = found;
  }

  get isOn(): boolean {
    return this.#stream !== null;
  }

  /**
   * Asks for the camera and begins to look. The pictures stay on this device.
   *
   * @returns why it could not, or null.
   */
  async start(): Promise<Trouble | null> {
    if (!isSecureContext) return "insecure";
    if (!navigator.mediaDevices?.getUserMedia) return "absent";
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } },
      });
      this.#video.srcObject = this.#stream;
      await this.#video.play();
      void this.#look(await detector());
      return null;
    } catch (error) {
      this.stop();
      return troubleOf(error);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
  }

  async #look(reader: Detector): Promise<void> {
    if (!this.#stream) return;
    const [code] = await reader.detect(this.#video).catch(() => []);
    if (!this.#stream) return;
    const now = Date.now();
    if (code?.rawValue) {
      const isNew = code.rawValue !== this.#last.text || now - this.#last.at > AWAY_MS;
      this.#last = { text: code.rawValue, at: now };
      if (isNew) this.#found(code.rawValue);
    }
    this.#timer = window.setTimeout(() => void this.#look(reader), LOOK_MS);
  }
}
