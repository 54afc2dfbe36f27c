import * as maplibre from "maplibre-gl";

const data = await (await fetch("data.json")).json();
maplibre.setWorkerUrl?.("worker.js");
const map = new maplibre.Map({
  container: "map",
  attributionControl: false,
  bounds: data.bounds,
  style: {
    version: 8,
    sources: { regions: { type: "geojson", data } },
    layers: [
      { id: "fill", type: "fill", source: "regions", paint: { "fill-color": ["get", "fill"] } },
      { id: "line", type: "line", source: "regions", paint: { "line-color": "#44515c" } },
    ],
  },
});
map.once("idle", () => { window.drawn = true; });
