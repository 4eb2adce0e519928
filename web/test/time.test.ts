import { expect, test } from "vitest";
import { Player } from "../src/tools/time/player";
import { readState, writeState } from "../src/tools/time/state";
import { added, barsOf } from "../src/tools/time/timeline";
import {
  firstDay,
  readWindow,
  WINDOW_NAMES,
  windowInterval,
  writeWindow,
} from "../src/tools/windows/windows";
import {
  addDays,
  dayInterval,
  dayOf,
  daysBetween,
  isDay,
  startOf,
} from "../src/tools/windows/zone";

const HERE = "Asia/Ho_Chi_Minh";

test("a day begins at midnight of the zone, in whatever zone the browser is", () => {
  expect(startOf("2021-08-17", HERE).toISOString()).toBe("2021-08-16T17:00:00.000Z");
  expect(startOf("2021-08-17", "UTC").toISOString()).toBe("2021-08-17T00:00:00.000Z");
  expect(startOf("2021-03-28", "Europe/Paris").toISOString()).toBe("2021-03-27T23:00:00.000Z");
  expect(startOf("2021-03-29", "Europe/Paris").toISOString()).toBe("2021-03-28T22:00:00.000Z");
  expect(startOf("2021-01-05", "America/New_York").toISOString()).toBe("2021-01-05T05:00:00.000Z");
  expect(dayOf(new Date("2021-08-16T17:00:00Z"), HERE)).toBe("2021-08-17");
  expect(dayOf(new Date("2021-08-16T16:59:59Z"), HERE)).toBe("2021-08-16");
});

test("days are counted over months and leap years", () => {
  expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
  expect(addDays("2021-01-01", -1)).toBe("2020-12-31");
  expect(daysBetween("2021-08-01", "2021-09-01")).toBe(31);
  expect(["2021-02-29", "2021-2-1", "", "x", "2021-13-01"].filter(isDay)).toEqual([]);
  expect(isDay("2024-02-29")).toBe(true);
});

test("an interval ends with the last microsecond of its last day", () => {
  expect(dayInterval("2021-08-17", "2021-08-17", HERE)).toBe(
    "2021-08-16T17:00:00Z/2021-08-17T16:59:59.999999Z",
  );
  expect(dayInterval(null, "2021-08-17", HERE)).toBe("../2021-08-17T16:59:59.999999Z");
});

test("a window counts its last day", () => {
  const last = "2021-08-17";
  expect(WINDOW_NAMES.map((name) => firstDay({ last, name }))).toEqual([
    "2021-08-17",
    "2021-08-15",
    "2021-08-11",
    "2021-07-19",
    null,
  ]);
  expect(windowInterval({ last, name: "days3" }, HERE)).toBe(
    "2021-08-14T17:00:00Z/2021-08-17T16:59:59.999999Z",
  );
  for (const name of WINDOW_NAMES)
    expect(readWindow(writeWindow({ last, name }))).toEqual({ last, name });
  expect(["", "2021-08-17", "2021-08-17_year", "2021-02-30_day"].map(readWindow)).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test("the address keeps the state of the slider, and what it does not know is left out", () => {
  const state = {
    window: { last: "2021-08-17", name: "week" as const },
    step: 3,
    speed: 2,
    layers: ["sos_requests", "alerts"],
  };
  expect(readState(writeState(state), ["sos_requests", "alerts", "hotels"])).toEqual(state);
  expect(readState("2021-08-17_week~5~9~nope", ["alerts"])).toEqual({
    window: state.window,
    step: 1,
    speed: 1,
    layers: [],
  });
  expect(readState(null, [])).toBeNull();
  expect(readState("rubbish", [])).toBeNull();
});

test("timelines of several layers add up over all their days", () => {
  const one = { days: ["2021-08-02", "2021-08-03"], values: [5, 7] };
  const other = { days: ["2021-08-03", "2021-08-04", "2021-08-05"], values: [1, 0, 2] };
  expect(added([one, other, { days: [], values: [] }])).toEqual({
    first: "2021-08-02",
    values: [5, 8, 0, 2],
  });
  expect(added([{ days: [], values: [] }])).toBeNull();
  expect(added([])).toBeNull();
});

test("many days share bars, no day is lost", () => {
  const values = Array.from({ length: 400 }, (_, index) => index);
  const bars = barsOf({ first: "2021-01-01", values });
  expect(bars.length).toBeLessThanOrEqual(90);
  expect(bars[0]?.first).toBe("2021-01-01");
  expect(bars.at(-1)).toEqual({ first: "2022-01-31", last: "2022-02-04", value: 399 });
});

test("the player shows each frame until it is drawn, and stops at the end", async () => {
  const log: string[] = [];
  let left = 2;
  const film = {
    advance: () => {
      log.push("advance");
      return left-- > 0;
    },
    drawn: async () => void log.push("drawn"),
    preload: () => void log.push("preload"),
    onState: (playing: boolean) => void log.push(playing ? "play" : "stop"),
  };
  const player = new Player(film, async (ms) => void log.push(String(ms)));
  await player.play(() => 250);
  const frame = ["preload", "250", "advance"];
  expect(log).toEqual(["play", ...frame, "drawn", ...frame, "drawn", ...frame, "stop"]);
  expect(player.playing).toBe(false);
});

test("a player that is stopped goes no further", async () => {
  let frames = 0;
  const player: Player = new Player(
    {
      advance: () => ++frames > 0,
      drawn: async () => undefined,
      preload: () => undefined,
      onState: () => undefined,
    },
    async () => {
      if (frames === 3) player.stop();
    },
  );
  await player.play(() => 0);
  expect(frames).toBe(3);
});
