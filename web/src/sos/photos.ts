const EDGE = 1600;
const MOST_BYTES = 500_000;
const QUALITIES = [0.8, 0.65, 0.5];

/**
 * A photo as a JPEG of 1,600 pixels and about 500 KB at most, so that it fits into the queue and
 * through a thin network. What the camera wrote into it, such as the place, does not come along.
 *
 * @throws DOMException when the browser cannot read the picture.
 */
export async function shrunk(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    let smallest: Blob | null = null;
    for (const edge of [EDGE, EDGE / 2]) {
      const canvas = drawn(picture, edge);
      for (const quality of QUALITIES) {
        smallest = await encoded(canvas, quality);
        if (smallest.size <= MOST_BYTES) return smallest;
      }
    }
    if (smallest === null) throw new DOMException("no picture", "EncodingError");
    return smallest;
  } finally {
    picture.close();
  }
}

function drawn(picture: ImageBitmap, edge: number): HTMLCanvasElement {
  const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function encoded(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new DOMException("no picture", "EncodingError"))),
      "image/jpeg",
      quality,
    ),
  );
}
