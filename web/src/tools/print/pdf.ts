import { MM_PER_INCH, type Size } from "./paper";

/** A line of text on the sheet, where it is drawn: millimetres from the upper left corner. */
export interface PlacedText {
  text: string;
  x: number;
  /** Of the line that the letters stand on. */
  baseline: number;
  size: number;
  width: number;
}

export interface Sheet {
  /** Of the paper, in millimetres. */
  size: Size;
  /** The whole page as a JPEG of three colours. */
  jpeg: Uint8Array;
  /** Of the JPEG, in pixels. */
  pixels: Size;
  texts: readonly PlacedText[];
  title: string;
  language: string;
  made: Date;
}

/** The width of every glyph, in thousandths of the font's size; texts are stretched to fit. */
const GLYPH = 500;
const encoder = new TextEncoder();

function points(mm: number): string {
  return ((mm * 72) / MM_PER_INCH).toFixed(3);
}

function utf16(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return units.map((unit) => unit.toString(16).padStart(4, "0")).join("");
}

function written(text: PlacedText, page: Size): string {
  const content = text.text.normalize("NFC");
  const stretch = (text.width / (content.length * text.size * (GLYPH / 1000))) * 100;
  const [x, y] = [points(text.x), points(page.height - text.baseline)];
  return (
    `/F1 ${points(text.size)} Tf ${stretch.toFixed(3)} Tz 1 0 0 1 ${x} ${y} Tm` +
    ` <${utf16(content)}> Tj`
  );
}

/** Codes of the font are the characters themselves: what is found, chosen and copied. */
const TO_UNICODE = `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
1 beginbfrange
<0000> <FFFF> <0000>
endbfrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end`;

function timestamp(made: Date): string {
  return `D:${made.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
}

/**
 * A PDF (1.7) of one page: the sheet as a picture, and over it the same texts, invisible
 * (rendering mode 3), so that they can be searched, chosen and read aloud. Their font draws nothing,
 * so none is embedded.
 */
export function pdfOf(sheet: Sheet): Uint8Array<ArrayBuffer> {
  const { size, pixels, jpeg } = sheet;
  const [width, height] = [points(size.width), points(size.height)];
  const texts = sheet.texts.filter(({ text }) => text.length > 0);
  const content =
    `q ${width} 0 0 ${height} 0 0 cm /Im1 Do Q\nBT 3 Tr\n` +
    `${texts.map((text) => written(text, size)).join("\n")}\nET`;
  const stream = (dictionary: string, body: Uint8Array): Uint8Array[] => [
    encoder.encode(`<< ${dictionary} /Length ${body.length} >>\nstream\n`),
    body,
    encoder.encode("\nendstream"),
  ];
  const plain = (text: string): Uint8Array[] => [encoder.encode(text)];
  const objects: Uint8Array[][] = [
    plain(`<< /Type /Catalog /Pages 2 0 R /Lang (${sheet.language}) >>`),
    plain("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
    plain(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Contents 5 0 R` +
        " /Resources << /XObject << /Im1 4 0 R >> /Font << /F1 6 0 R >> >> >>",
    ),
    stream(
      `/Type /XObject /Subtype /Image /Width ${pixels.width} /Height ${pixels.height}` +
        " /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode",
      jpeg,
    ),
    stream("", encoder.encode(content)),
    plain(
      "<< /Type /Font /Subtype /Type0 /BaseFont /Invisible /Encoding /Identity-H" +
        " /DescendantFonts [7 0 R] /ToUnicode 8 0 R >>",
    ),
    plain(
      "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Invisible /CIDToGIDMap /Identity" +
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>" +
        ` /DW ${GLYPH} /FontDescriptor 9 0 R >>`,
    ),
    stream("", encoder.encode(TO_UNICODE)),
    plain(
      "<< /Type /FontDescriptor /FontName /Invisible /Flags 4 /FontBBox [0 -200 500 800]" +
        " /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
    ),
    plain(
      `<< /Title <feff${utf16(sheet.title)}> /Producer (Dieuhanh)` +
        ` /CreationDate (${timestamp(sheet.made)}) >>`,
    ),
  ];
  return assembled(objects);
}

/** The objects with their numbers, the table of where each begins, and the trailer. */
function assembled(objects: readonly Uint8Array[][]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [encoder.encode("%PDF-1.7\n")];
  // Bytes above 127 tell whoever copies the file that it is no text.
  parts.push(new Uint8Array([0x25, 0xe2, 0xe3, 0xcf, 0xd3, 0x0a]));
  let at = parts.reduce((sum, part) => sum + part.length, 0);
  const starts: number[] = [];
  const add = (part: Uint8Array): void => {
    parts.push(part);
    at += part.length;
  };
  for (const [index, body] of objects.entries()) {
    starts.push(at);
    add(encoder.encode(`${index + 1} 0 obj\n`));
    for (const part of body) add(part);
    add(encoder.encode("\nendobj\n"));
  }
  const table = starts.map((start) => `${String(start).padStart(10, "0")} 00000 n \n`).join("");
  parts.push(
    encoder.encode(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}` +
        `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info ${objects.length} 0 R >>\n` +
        `startxref\n${at}\n%%EOF\n`,
    ),
  );
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
