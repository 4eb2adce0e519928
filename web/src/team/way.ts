import { h } from "../dom";
import type { Task } from "./model";
import type { Fix } from "./position";
import { post } from "./server";
import { metres, t } from "./text";

/** The way to a request, as `POST /api/sos/{id}/way` tells it. */
interface Told {
  by: "road" | "straight";
  distance_m: number;
  travel_min: number | null;
  line: GeoJSON.LineString;
}

/** The map of a task and the way there, asked for by a tap; it stays while its task is shown. */
export class Way {
  #task = "";
  #element = h("div", { class: "way" });

  /** The place of the map of a task; empty until it is asked for. */
  element(task: Task): HTMLElement {
    if (this.#task !== task.id) {
      this.#task = task.id;
      this.#element = h("div", { class: "way" });
    }
    return this.#element;
  }

  async show(task: Task, here: Fix | null): Promise<void> {
    const element = this.element(task);
    const text = h("p", { class: "way-text", role: "status" }, t("mapLoading"));
    const place = h("div", { class: "way-map" });
    element.replaceChildren(place, text);
    const told = here ? await wayFrom(task, here) : null;
    try {
      const { taskMap } = await import("./task-map");
      const label = t("mapLabel", { code: task.code });
      await taskMap(place, label, task, here, told?.line ?? null);
      text.textContent = here ? wayText(told) : t("wayNoPosition");
    } catch {
      place.remove();
      text.textContent = t("mapFailed");
    }
  }
}

async function wayFrom(task: Task, { lon, lat }: Fix): Promise<Told | null> {
  try {
    return await post<Told>(`/api/sos/${task.id}/way`, { lon, lat });
  } catch {
    return null;
  }
}

function wayText(told: Told | null): string {
  if (told?.by === "road" && told.travel_min !== null)
    return t("wayRoad", { far: metres(told.distance_m), n: Math.ceil(told.travel_min) });
  return told ? t("wayStraight", { far: metres(told.distance_m) }) : t("wayUnknown");
}
