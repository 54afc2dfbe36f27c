import L from "leaflet";

const data = await (await fetch("data.json")).json();
const map = L.map("map", { attributionControl: false });
const style = (feature) => ({ fillColor: feature.properties.fill, fillOpacity: 1, color: "#44515c", weight: 1 });
const layer = L.geoJSON(data, { style }).bindTooltip((one) => one.feature.properties.label).addTo(map);
map.fitBounds(layer.getBounds());
