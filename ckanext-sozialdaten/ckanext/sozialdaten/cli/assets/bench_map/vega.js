import { parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile } from "vega-lite";

const data = await (await fetch("data.json")).json();
const colours = data.pieces.map((piece) => piece.color);
const { spec } = compile({
  width: 900,
  height: 640,
  data: { values: data.features },
  projection: { type: "mercator" },
  mark: { type: "geoshape", stroke: "#44515c" },
  encoding: {
    color: {
      field: "properties.value",
      type: "quantitative",
      scale: { type: "threshold", domain: data.breaks, range: colours },
    },
    tooltip: { field: "properties.label", type: "nominal" },
  },
});
const view = new View(parse(spec, null, { ast: true }), { expr: expressionInterpreter, renderer: "svg" });
await view.initialize("#map").runAsync();
window.drawn = true;
