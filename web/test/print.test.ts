import { afterAll, expect, test } from "vitest";
import type { LayerConfig } from "../src/config";
import { setLanguage } from "../src/language";
import { flowed, legendColumns, legendHeight } from "../src/tools/print/legend";
import {
  dots,
  groundResolution,
  SCALES,
  scaleBar,
  scaleOf,
  sheetSize,
  usualScale,
  zoomOf,
} from "../src/tools/print/paper";
import { pdfOf } from "../src/tools/print/pdf";
import { placesOf } from "../src/tools/print/places";
import { crc32, withResolution } from "../src/tools/print/png";
import { filterWords, timeWords } from "../src/tools/print/words";

const HERE = "Asia/Ho_Chi_Minh";
const WORDS = {
  from: (first: string) => `from ${first}`,
  until: (last: string) => `until ${last}`,
  and: "and",
  or: "or",
  not: "not",
  in: "in",
  like: "like",
  between: "between",
  is: "is",
  empty: "empty",
  inArea: "within the area",
};
const PARTS = (layers: number, entries: number) =>
  Array.from({ length: layers }, () => ({
    title: "x",
    entries: Array.from({ length: entries }, () => ({
      entry: { label: { vi: "", en: "" } },
      label: "y",
    })),
  }));

afterAll(() => setLanguage("vi"));

test("paper has its dots", () => {
  expect(sheetSize("A4", "landscape")).toEqual({ width: 297, height: 210 });
  expect(dots(297, 300)).toBe(3508);
  expect(dots(420, 150)).toBe(2480);
});

test("a scale is true on paper at the map's latitude", () => {
  // OGC 06-121r9: at zoom 0 of 256-pixel tiles 1 pixel is 156543.034 m on the equator.
  expect(groundResolution(0, 0)).toBeCloseTo(156543.034 / 2, 2);
  expect(groundResolution(10, 60)).toBeCloseTo(156543.034 / 2 / 1024 / 2, 4);
  for (const n of [5_000, 250_000, 1_000_000])
    expect(scaleOf(zoomOf(n, 15.6), 15.6)).toBeCloseTo(n, 3);
  // 1 cm of 1:100,000 is 1 km: 37.8 CSS pixels.
  expect(groundResolution(zoomOf(100_000, 15.6), 15.6) * (96 / 2.54)).toBeCloseTo(1000, 6);
});

test("the usual scale shows at least as much", () => {
  expect([4_999, 5_001, 860_000, 3_200_000].map(usualScale)).toEqual([
    5_000, 10_000, 900_000, 4_000_000,
  ]);
  expect([...SCALES].sort((a, b) => a - b)).toEqual([...SCALES]);
});

test("the scale bar has a round length and fits", () => {
  expect(scaleBar(1_000_000, 60)).toEqual({ metres: 50_000, mm: 50 });
  expect(scaleBar(25_000, 60)).toEqual({ metres: 1_000, mm: 40 });
  for (const n of SCALES) expect(scaleBar(n, 60).mm).toBeLessThanOrEqual(60);
});

test("the parts of a sheet do not overlap, whatever is on it", () => {
  for (const paper of ["A4", "A3"] as const)
    for (const orientation of ["portrait", "landscape"] as const)
      for (const legend of [[], PARTS(3, 2), PARTS(12, 6)])
        for (const conditions of [0, 4]) {
          const page = sheetSize(paper, orientation);
          const {
            header,
            map,
            legend: box,
            footer,
          } = placesOf(paper, orientation, legend, conditions);
          expect(header.y + header.height).toBeLessThan(map.y);
          expect(map.y + map.height).toBeLessThan(footer.y);
          expect(footer.y + footer.height).toBeLessThanOrEqual(page.height - 9.9);
          expect(map.width).toBeGreaterThan(100);
          expect(map.height).toBeGreaterThan(90);
          if (legend.length === 0) continue;
          const beside = box.x >= map.x + map.width;
          const below = box.y >= map.y + map.height;
          expect(beside || below).toBe(true);
          expect(box.y + box.height).toBeLessThanOrEqual(footer.y);
        }
});

test("no heading of the legend is alone at the foot of a column", () => {
  const entry = { entry: { label: { vi: "", en: "" } }, label: "y" };
  const lines = [{ title: "a" }, entry, { title: "b" }, entry, entry];
  const cells = flowed(lines, 3).map(({ column, row }) => [column, row]);
  expect(cells).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [1, 2],
  ]);
});

test("a long legend gets a second column", () => {
  expect(legendColumns(PARTS(3, 3), 150)).toBe(1);
  expect(legendColumns(PARTS(9, 5), 150)).toBe(2);
  expect(legendHeight(PARTS(9, 5), 3, 60)).toBe(60);
});

test("a PNG says its resolution", () => {
  expect(crc32(new TextEncoder().encode("IEND"))).toBe(0xae426082);
  const png = withResolution(new Uint8Array(100).fill(7), 300);
  expect(png.length).toBe(121);
  const view = new DataView(png.buffer);
  expect(String.fromCharCode(...png.slice(37, 41))).toBe("pHYs");
  expect(view.getUint32(41)).toBe(11811);
  expect(view.getUint32(50)).toBe(crc32(png.slice(37, 50)));
  expect([...png.slice(54)].every((byte) => byte === 7)).toBe(true);
});

test("a PDF has one page of the paper's size, and each object is where the table says", () => {
  const pdf = pdfOf({
    size: { width: 297, height: 210 },
    jpeg: new Uint8Array([0xff, 0xd8, 0xff, 0xd9]),
    pixels: { width: 1754, height: 1240 },
    texts: [{ text: "Điện Bàn", x: 10, baseline: 20, size: 6, width: 30 }],
    title: "Bản đồ",
    language: "vi",
    made: new Date("2021-08-17T03:04:05Z"),
  });
  const text = new TextDecoder("latin1").decode(pdf);
  expect(text).toContain("/MediaBox [0 0 841.890 595.276]");
  expect(text).toContain("/CreationDate (D:20210817030405Z)");
  expect(text).toContain(
    "/F1 17.008 Tf 125.000 Tz 1 0 0 1 28.346 538.583 Tm <0110006900ea0323006e0020004200e0006e>".replace(
      "00ea0323",
      "1ec7",
    ),
  );
  const table = [...text.matchAll(/^(\d{10}) 00000 n $/gm)].map(([, at]) => Number(at));
  expect(table).toHaveLength(10);
  for (const [index, at] of table.entries())
    expect(text.slice(at, at + 8).startsWith(`${index + 1} 0 obj`)).toBe(true);
  expect(Number(text.match(/startxref\n(\d+)/)?.[1])).toBe(text.indexOf("xref\n0 11"));
});

test("times are said in days of the province, or to the minute", () => {
  const said = (datetime: string): string => timeWords(datetime, HERE, WORDS);
  expect(said("2021-08-14T17:00:00Z/2021-08-17T16:59:59.999999Z")).toBe("15/08/2021 – 17/08/2021");
  expect(said("2021-08-16T17:00:00Z/2021-08-17T16:59:59.999999Z")).toBe("17/08/2021");
  expect(said("../2021-08-17T16:59:59.999999Z")).toBe("until 17/08/2021");
  expect(said("2021-08-16T17:00:00Z/..")).toBe("from 17/08/2021");
  expect(said("2021-08-17T01:30:00Z")).toBe("08:30, 17/08/2021");
});

test("filters are said in the words of the layer's record", () => {
  const column = (
    name: string,
    vi: string,
    codes: Record<string, { vi: string; en: string }> | null,
  ) => ({
    name,
    title: { vi, en: name },
    type: "string",
    format: null,
    unit: null,
    codes,
  });
  const layer = {
    columns: [
      column("state", "Tình trạng", {
        open: { vi: "Mở", en: "Open" },
        shut: { vi: "Đóng", en: "Shut" },
      }),
      column("people", "Số người", null),
    ],
  } as unknown as LayerConfig;
  const said = (filter: string): string => filterWords(filter, layer, WORDS);
  expect(said("state IN ('open', 'shut') AND people >= 5")).toBe(
    "Tình trạng in (Mở, Đóng) and Số người ≥ 5",
  );
  expect(said("state = 'constructor' OR NOT people IS NULL")).toBe(
    "Tình trạng = constructor or not Số người is empty",
  );
  expect(said("S_INTERSECTS(geom, POLYGON((1 2, 3 4, 5 6, 1 2))) AND people < 3")).toBe(
    "within the area and Số người < 3",
  );
  expect(said("state = 'it''s'")).toBe("Tình trạng = it's");
});
