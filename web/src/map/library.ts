// The drawing library, with its worker as a file of this server: a content policy of 'self' allows it.

import { setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "../styles/map.css";

setWorkerUrl(new URL(workerUrl, location.href).href);

export { AttributionControl, Map as MapLibre, Marker, ScaleControl } from "maplibre-gl";
