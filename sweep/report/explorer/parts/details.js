// What is behind a cell: its learning curves, what was learned, its runs.

const MOST_RUNS = 1000;

class Details {
  // Where there are pictures, the runs go into the element `beside`.
  constructor(element, beside, sweep) {
    Object.assign(this, { sweep });
    this.curves = make("div", { class: "explorer-figure" });
    this.functions = make("div", { class: "explorer-figure" });
    this.runs = make("div", { class: "explorer-runs" });
    this.said = make("p", { role: "status", class: "explorer-place" });
    element.append(this.said, this.curves, this.functions);
    (sweep.curves || sweep.functions ? beside : element).append(this.runs);
  }

  // Draw anew for a cell; `lines` are what is said of it.
  async draw(cell, metric, lines) {
    const { sweep } = this;
    this.said.replaceChildren(...lines.flatMap((line, i) => [i ? make("br") : "", i ? line : make("strong", {}, line)]));
    this.drawRuns(cell);
    const curves = sweep.curves?.[metric] ?? null;
    const named = sweep.functions ? [[this.functions, "functions"]] : [];
    this.functions.hidden = !sweep.functions;
    this.curves.hidden = !curves;
    if (curves) await this.drawCurves(cell, metric, curves);
    if (named.length) await this.drawFunctions(cell);
  }

  async put(element, heading, caption, figure) {
    const picture = make("div");
    const says = make("p", { class: "explorer-caption" }, caption);
    element.replaceChildren(make("h3", {}, heading), ...(figure ? [picture] : []), says);
    if (figure) {
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", `${heading}. ${caption}`);
      await show(figure, picture);
    }
  }

  async drawCurves(cell, metric, table) {
    const { sweep } = this, rows = sweep.rowsOf(table, cell);
    if (!rows) return this.put(this.curves, say("curves"), say("noCurvesHere"), null);
    const part = (name) => Array.from(table[name].subarray(...rows));
    const step = part("step"), median = part("median"), low = part("lower_quartile"), high = part("upper_quartile");
    const range = rangeOf([...median, ...low, ...high], median, table.isLog);
    const ends = { start: step[0], end: step.at(-1) > step[0] ? step.at(-1) : step[0] + 1 };
    const figure = newFigure(this.curves, { height: 230, y_axis_type: table.isLog ? "log" : "linear", y_range: new Bokeh.Range1d(range), x_range: new Bokeh.Range1d(ends) });
    const look = inkOf(this.curves);
    figure.ygrid.grid_line_color = look.line;
    figure.xaxis.axis_label = plainText(sweep.byName[sweep.steps]?.short ?? "");
    figure.yaxis.axis_label = plainText(sweep.metricOf[metric].along);
    figure.ygrid.ticker = setTicks(figure.yaxis, table.isLog ? logTicks(range) : evenTicks(range));
    setTicks(figure.xaxis, evenTicks(ends).filter(([at]) => Number.isInteger(at)));
    const held = (values) => values.map((value) => (Number.isNaN(value) ? NaN : Math.min(Math.max(value, range.start / (table.isLog ? 10 : 1)), table.isLog ? range.end * 10 : range.end * 2 - range.start)));
    const band = step.map((_, i) => i).filter((i) => !Number.isNaN(low[i]) && !Number.isNaN(high[i]) && Number.isFinite(median[i]));
    figure.varea({ x: band.map((i) => step[i]), y1: held(band.map((i) => low[i])), y2: held(band.map((i) => high[i])), fill_color: look.accent, fill_alpha: 0.22 });
    figure.line(step, median.map((value) => (Number.isFinite(value) && (!table.isLog || value > 0) ? value : NaN)), { line_color: look.accent, line_width: 2.2 });
    const axis = sweep.byName[sweep.steps];
    if (axis) {
      const at = Number(axis.levels[sweep.codes[axis.name][cell]]);
      figure.add_layout(new Bokeh.Span({ location: at, dimension: "height", line_color: look.faint, line_dash: [4, 4], line_width: 1.5 }));
    }
    const texts = [sweep.cells.replicates[cell] > 1 ? say("curvesOf") : say("curvesOfOne")];
    if (median.some((value) => Math.abs(value) === Infinity)) texts.push(say("curvesDiverged"));
    return this.put(this.curves, say("curves"), texts.join(" "), figure);
  }

  async drawFunctions(cell) {
    const { sweep } = this, table = sweep.functions, rows = sweep.rowsOf(table, cell);
    if (!rows) return this.put(this.functions, say("functions"), say("noFunctionsHere"), null);
    const part = (name) => Array.from(table[name].subarray(...rows));
    const replicate = part("replicate"), x = part("x"), target = part("target"), learned = part("learned");
    const lines = new Map();
    replicate.forEach((r, i) => lines.set(r, [...(lines.get(r) ?? []), i]));
    const whole = [...lines.values()].filter((line) => line.every((i) => Number.isFinite(learned[i])));
    const smooth = table.lines && sweep.rowsOf(table.lines, cell);
    const first = lines.values().next().value;
    const line = smooth
      ? { x: Array.from(table.lines.x.subarray(...smooth)), y: Array.from(table.lines.target.subarray(...smooth)) }
      : { x: first.map((i) => x[i]), y: first.map((i) => target[i]) };
    const look = inkOf(this.functions);
    const ends = { start: Math.min(...line.x), end: Math.max(...line.x) };
    const frame = frameOf(line.y, whole.flat().map((i) => learned[i]));
    const figure = newFigure(this.functions, { height: 230, x_range: new Bokeh.Range1d(ends), y_range: new Bokeh.Range1d(frame) });
    setTicks(figure.xaxis, evenTicks(ends));
    figure.ygrid.ticker = setTicks(figure.yaxis, evenTicks(frame));
    figure.ygrid.grid_line_color = look.line;
    figure.xaxis.axis_label = plainText("x");
    figure.multi_line({ xs: whole.map((i) => i.map((k) => x[k])), ys: whole.map((i) => i.map((k) => learned[k])), line_color: look.accent, line_width: 1.2, line_alpha: whole.length > 12 ? 0.45 : 0.8 });
    figure.line(line.x, line.y, { line_color: look.target, line_width: 2.5 });
    const left = lines.size - whole.length;
    const says = [say(left ? "functionsLeftOut" : "functionsOf", { n: countText(lines.size), left: countText(left) })];
    const outside = whole.filter((i) => i.every((k) => learned[k] < frame.start || learned[k] > frame.end)).length;
    if (outside) says.push(say("functionsOutside", { n: countText(outside) }));
    return this.put(this.functions, say("functions"), says.join(" "), figure);
  }

  drawRuns(cell) {
    const { sweep } = this;
    if (!sweep.runs) {
      this.runs.replaceChildren(make("p", { class: "explorer-caption" }, say("noRuns")));
      return;
    }
    const ends = sweep.runs.endedAt?.subarray(sweep.firstRun[cell], sweep.firstRun[cell + 1]) ?? [];
    const hasEnds = ends.some((step) => step > 0);
    const head = [say("replicate"), ...sweep.metrics.map((metric) => metric.words), say("status"), ...(hasEnds ? [say("divergedAt")] : [])];
    const rows = [];
    for (let run = sweep.firstRun[cell]; run < sweep.firstRun[cell + 1] && rows.length < MOST_RUNS; run++) {
      const status = sweep.runs.status[run];
      if (status === MISSING) continue;
      const replicate = run - sweep.firstRun[cell];
      const ended = hasEnds ? [ends[replicate] ? countText(ends[replicate]) : ""] : [];
      rows.push([String(replicate), ...sweep.metrics.map(({ name }) => numberText(sweep.given(name)[run])), say(STATUSES[status]), ...ended]);
    }
    this.runs.replaceChildren(make("h3", {}, say("runs")), scrolling(table(head, rows), say("runs")));
  }
}

// A table of texts; the first cell of each row is its header.
function table(head, rows) {
  const line = (cells, first) => make("tr", {}, ...cells.map((text, i) => make(first || i === 0 ? "th" : "td", first ? { scope: "col" } : i === 0 ? { scope: "row" } : {}, text)));
  return make("table", {}, make("thead", {}, line(head, true)), make("tbody", {}, ...rows.map((row) => line(row, false))));
}

function scrolling(content, label) {
  return make("div", { class: "explorer-scroll", tabindex: "0", role: "region", "aria-label": label }, content);
}

// The range of an axis of values: of all finite ones, but no further than ten thousand times from the medians.
function rangeOf(values, medians, isLog) {
  const usable = (list) => list.filter((value) => Number.isFinite(value) && (!isLog || value > 0));
  const shown = usable(values), middle = usable(medians);
  if (!shown.length) return { start: isLog ? 0.1 : 0, end: 1 };
  let low = Math.min(...shown), high = Math.max(...shown);
  if (!isLog) {
    const margin = 0.05 * (high - low) || 0.05 * Math.abs(high) || 0.5;
    return { start: low - margin, end: high + margin };
  }
  const base = middle.length ? Math.min(...middle) : low;
  low = Math.max(low, base / 1e4, 1e-300);
  high = Math.min(high, Math.max(base * 1e8, low * 3), 1e300);
  const margin = Math.max(high / low, 2) ** 0.06;
  return { start: low / margin, end: high * margin };
}

// The target with as much around it as most of what was learned takes, at most twice its own height.
function frameOf(target, learned) {
  const low = Math.min(...target), high = Math.max(...target), room = high - low || Math.abs(high) || 1;
  const ordered = learned.toSorted((a, b) => a - b);
  const at = (q) => ordered[Math.round(q * (ordered.length - 1))] ?? low;
  const start = Math.max(Math.min(low, at(0.01)), low - room), end = Math.min(Math.max(high, at(0.99)), high + room);
  return { start: start - 0.06 * (end - start), end: end + 0.06 * (end - start) };
}

// Round values on an axis by ratios: those of a decade where there are few, else whole decades.
function logTicks({ start, end }) {
  const decades = Math.log10(end) - Math.log10(start), stride = Math.max(1, Math.ceil(decades / 6));
  if (decades < 0.5) return evenTicks({ start, end });
  const mantissas = decades < 1.2 ? [1, 2, 3, 5, 7] : decades < 3 ? [1, 3] : [1];
  const ticks = [];
  for (let d = Math.floor(Math.log10(start)); d <= Math.log10(end); d++) {
    for (const m of mantissas) {
      const at = Number(`${m}e${d}`);
      if (at >= start && at <= end && d % stride === 0) ticks.push([at, numberText(at)]);
    }
  }
  return ticks;
}

// About five round values on an even axis.
function evenTicks({ start, end }) {
  const rough = (end - start) / 6, decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * ([1, 2, 5].find((m) => m * decade >= rough) ?? 10);
  const ticks = [];
  for (let k = Math.ceil(start / step - 1e-9); k * step <= end + 1e-9 * step && ticks.length < 12; k++) {
    const at = Number((k * step).toPrecision(12));
    ticks.push([at, numberText(at, 8)]);
  }
  return ticks;
}
