import { MapChart } from "echarts/charts";
import { TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, registerMap, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([MapChart, TooltipComponent, VisualMapComponent, SVGRenderer]);
const data = await (await fetch("data.json")).json();
registerMap("kreis", data);
const chart = init(document.getElementById("map"), null, { renderer: "svg" });
chart.on("finished", () => { window.drawn = true; });
chart.setOption({
  animation: false,
  tooltip: {},
  visualMap: { type: "piecewise", pieces: data.pieces },
  series: [{ type: "map", map: "kreis", data: data.features.map((f) => ({ name: f.properties.name, value: f.properties.value })) }],
});
