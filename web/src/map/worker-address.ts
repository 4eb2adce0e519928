// The address of the drawing library's worker, apart from the library: so both can come at a time.
export { default as workerAddress } from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
