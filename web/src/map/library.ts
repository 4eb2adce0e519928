// The drawing library, with its worker as a file of this server: a content policy of 'self' allows it.

import { setWorkerUrl } from "maplibre-gl";
import "../styles/map.css";
import { workerAddress } from "./worker-address";

setWorkerUrl(new URL(workerAddress, location.href).href);

export { AttributionControl, Map as MapLibre, Marker, ScaleControl } from "maplibre-gl";
