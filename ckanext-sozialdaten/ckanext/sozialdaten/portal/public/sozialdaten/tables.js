// CKAN's table with a decimal comma for German readers; its downloads and the API keep the point.

/* global gdataDict, jQuery */
const POINT = /^-?\d+\.\d+$/;
const table = document.getElementById("dtprv");

/** Columns of numbers by their place in the table, in which `_id` comes first. */
const columns = gdataDict.flatMap(({ type }, place) => (/^(numeric|float)/.test(type) ? [place + 1] : []));

function comma() {
  const shown = jQuery(table).DataTable();
  for (const column of columns) {
    for (const cell of shown.column(column).nodes().toArray()) {
      if (POINT.test(cell.textContent)) cell.textContent = cell.textContent.replace(".", ",").replace("-", "−");
    }
  }
}

if (table.dataset.languagecode.startsWith("de")) jQuery(table).on("draw.dt", comma);
