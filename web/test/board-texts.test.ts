import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { en } from "../src/texts/board/en";
import { vi } from "../src/texts/board/vi";

const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test("both languages of the board have the same texts, none empty, with the same places", () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(vi).sort());
  for (const key of Object.keys(vi) as (keyof typeof vi)[]) {
    expect(vi[key].trim(), key).not.toBe("");
    expect(en[key].trim(), key).not.toBe("");
    expect(places(en[key]), key).toEqual(places(vi[key]));
  }
});

test("every text of the board is used", () => {
  const folder = join(import.meta.dirname, "../src/board");
  const code = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
  expect(Object.keys(vi).filter((key) => !code.includes(`"${key}"`))).toEqual([]);
});
