// What a reader takes along: cells, figure, config.

function download(name, type, content) {
  const link = make("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// All cells that have a run, with every statistic of every metric, as a table of commas.
function cellsCsv(sweep) {
  const statistics = sweep.metrics.flatMap((metric) =>
    Object.keys(QUANTILES).filter((name) => sweep.has(metric.name, name)).map((name) => [`${name}_${metric.name}`, sweep.statistic(metric.name, name)]));
  const counts = Object.entries(sweep.counts);
  const lines = [[...sweep.axes.map((axis) => axis.name), ...counts.map(([name]) => name), ...statistics.map(([name]) => name)].map(csvText)];
  const levels = sweep.axes.map((axis) => axis.levels.map(csvText)), codes = sweep.axes.map((axis) => sweep.codes[axis.name]);
  for (let cell = 0; cell < sweep.n; cell++) {
    if (!sweep.counts.n_runs[cell]) continue;
    lines.push([...levels.map((texts, k) => texts[codes[k][cell]]), ...counts.map(([, each]) => each[cell]), ...statistics.map(([, values]) => csvNumber(values[cell]))]);
  }
  return lines.map((line) => `${line.join(",")}\n`).join("");
}

function csvNumber(value) {
  return Number.isNaN(value) ? "" : value === Infinity ? "inf" : value === -Infinity ? "-inf" : String(value);
}

function csvText(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
