// The explorer of a page: a reader's choices, and what follows from them.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children); // a text becomes a text, whatever it says
  return element;
}

const MOST_TABLE = 4000;

class Explorer {
  constructor(section) {
    this.section = section;
    this.body = section.querySelector(".explorer-body");
    this.choices = null;
  }

  // Take data, as the page holds them, and draw: what a reader had chosen stays chosen.
  async take(data) {
    texts = data.texts;
    const before = this.sweep;
    this.sweep = new Sweep(await unpacked(data));
    this.choices = this.kept(this.choices);
    this.section.hidden = false; // before drawing: what is hidden has no width
    if (before && this.sweep.isLike(before)) this.map.sweep = this.details.sweep = this.sweep;
    else this.layOut();
    if (this.parallel) this.parallel.sweep = this.sweep;
    await this.draw();
  }

  kept(choices) {
    const { sweep } = this, { start } = sweep;
    const fresh = { ...start, metric: sweep.metrics[0].name, statistic: "median", bounds: {}, cell: null };
    const kept = choices && Object.keys(start.place).every((axis) => axis in choices.place) ? { ...fresh, ...choices } : fresh;
    for (const axis of sweep.axes) kept.place[axis.name] = Math.min(kept.place[axis.name], axis.labels.length - 1);
    kept.cell = sweep.cellsAt(kept.place)[0] ?? null;
    return kept;
  }

  layOut() {
    const { sweep } = this;
    this.controls = make("div", { class: "explorer-controls" });
    this.sliders = make("div", { class: "explorer-controls" });
    this.host = make("div", { class: "explorer-map", tabindex: "0", role: "application" });
    this.tip = make("div", { class: "explorer-tip", "aria-hidden": "true", hidden: "" });
    this.table = make("details", {}, make("summary", {}, say("table")));
    this.behind = make("div", { class: "explorer-details" });
    const frame = make("div", { class: "explorer-frame" }, this.host, this.tip);
    this.mapSide = make("div", { class: "explorer-side" }, frame, this.saving(), this.table);
    this.all = make("div");
    this.beside = make("div", { class: "explorer-beside" });
    this.body.replaceChildren(
      make("p", {}, say(sweep.isScattered ? "introScattered" : "intro")), this.controls, this.sliders,
      make("div", { class: "explorer-columns" }, this.mapSide, this.behind, this.beside),
      this.all,
      ...sweep.notes.map((note) => make("p", { class: "explorer-caption" }, note)),
    );
    this.map = new SweepMap(this.host, sweep, {
      picked: (cell) => this.pick(cell),
      pointed: (cell, event) => this.point(cell, event),
    });
    this.details = new Details(this.behind, this.beside, sweep);
    this.importance = Importance.suits(sweep) ? new Importance(this.beside) : null;
    this.parallel = Parallel.suits(sweep) ? new Parallel(this.all, sweep) : null;
    this.host.addEventListener("keydown", (event) => this.pressed(event));
    this.table.addEventListener("toggle", () => this.fillTable());
    this.fillControls();
    this.fillSliders();
    this.watchWidth();
  }

  // Draw anew when the page has become much wider or narrower, or dark.
  watchWidth() {
    let width = this.host.clientWidth;
    this.observer?.disconnect();
    this.observer = new ResizeObserver(() => {
      if (Math.abs(this.host.clientWidth - width) < 24) return;
      width = this.host.clientWidth;
      if (width) this.draw();
    });
    this.observer.observe(this.host);
    this.dark ??= matchMedia("(prefers-color-scheme: dark)");
    this.dark.onchange = () => this.draw();
  }

  fillControls() {
    const { sweep, choices } = this;
    const axes = sweep.moving.map(({ name, short }) => [name, short]);
    const statistic = this.statistics();
    const bound = make("input", { type: "text", inputmode: "decimal", size: "8", value: this.bound() });
    bound.addEventListener("input", () => this.boundTyped(bound));
    const boundLabel = make("label", {}, say("bound"), bound);
    boundLabel.hidden = !choices.statistic.startsWith("share_b") && !choices.statistic.startsWith("share_a");
    const several = sweep.metrics.length > 1 ? [this.select(say("metric"), sweep.metrics.map(({ name, words }) => [name, words]), choices.metric, (name) => this.chooseMetric(name))] : [];
    const rows = axes.length > 1 ? [this.select(say("rows"), [...(sweep.isScattered ? [] : [["", say("none")]]), ...axes], choices.rows ?? "", (name) => this.chooseSide("rows", name))] : [];
    const columns = axes.length > 1 ? [this.select(say("columns"), axes, choices.columns, (name) => this.chooseSide("columns", name))] : [];
    this.controls.replaceChildren(...rows, ...columns, ...several, this.select(say("statistic"), statistic, choices.statistic, (name) => this.chooseStatistic(name)), boundLabel);
  }

  statistics() {
    const { sweep, choices } = this, better = sweep.metricOf[choices.metric].isLowerBetter ? "share_below" : "share_above";
    return ["median", "lower_quartile", "upper_quartile", "share_diverged", better].filter((name) => sweep.has(choices.metric, name)).map((name) => [name, say(name)]);
  }

  select(label, options, chosen, change) {
    const select = make("select", {}, ...options.map(([value, text]) => make("option", { value }, text)));
    select.value = chosen;
    select.addEventListener("change", () => change(select.value));
    return make("label", {}, label, select);
  }

  fillSliders() {
    const { sweep, choices } = this;
    const others = sweep.isScattered ? [] : sweep.moving.filter(({ name }) => name !== choices.rows && name !== choices.columns);
    this.sliders.replaceChildren(...others.map((axis) => (axis.isNumeric ? this.slider(axis) : this.select(axis.short, axis.labels.map((label, i) => [String(i), label]), String(choices.place[axis.name]), (value) => this.hold(axis, Number(value))))));
  }

  slider(axis) {
    const at = this.choices.place[axis.name];
    const output = make("output", {}, axis.labels[at]);
    const slider = make("input", { type: "range", min: "0", max: String(axis.labels.length - 1), step: "1", value: String(at), "aria-valuetext": axis.labels[at], "aria-label": axis.short });
    slider.addEventListener("input", () => {
      const label = axis.labels[slider.valueAsNumber];
      output.replaceChildren(label);
      slider.setAttribute("aria-valuetext", label);
      this.hold(axis, slider.valueAsNumber);
    });
    return make("label", { class: "explorer-slider" }, make("span", {}, axis.short, " = ", output), slider);
  }

  saving() {
    const button = (name, act) => {
      const made = make("button", { type: "button" }, say(name));
      made.addEventListener("click", act);
      return made;
    };
    const picture = (kind) => async () => download(`map.${kind}`, kind === "svg" ? "image/svg+xml" : "image/png", await this.map.view.export(kind, true).to_blob());
    const config = this.sweep.config ? [button("configToml", () => download("config.toml", "application/toml", this.sweep.config))] : [];
    return make("p", { class: "explorer-saving" }, say("save"), " ",
      button("cellsCsv", () => download("cells.csv", "text/csv", cellsCsv(this.sweep))),
      button("figureSvg", picture("svg")), button("figurePng", picture("png")), ...config);
  }

  chooseSide(side, name) {
    const other = side === "rows" ? "columns" : "rows", before = this.choices[side];
    if (this.choices[other] === name) this.choices[other] = before;
    this.choices[side] = name || null;
    this.choices.columns ??= this.sweep.moving.find((axis) => axis.name !== this.choices.rows).name;
    this.fillControls();
    this.fillSliders();
    this.draw();
  }

  chooseMetric(name) {
    this.choices.metric = name;
    const known = this.statistics().map(([statistic]) => statistic);
    if (!known.includes(this.choices.statistic)) this.choices.statistic = this.choices.statistic.startsWith("share_") ? known.at(-1) : "median";
    this.fillControls();
    this.draw();
  }

  chooseStatistic(name) {
    this.choices.statistic = name;
    this.fillControls();
    this.draw();
  }

  hold(axis, code) {
    this.choices.place[axis.name] = code;
    this.choices.cell = this.cellHere();
    this.draw();
  }

  boundTyped(field) {
    const bound = Number(field.value.replace(",", ".").replace("−", "-"));
    const isNumber = field.value.trim() !== "" && !Number.isNaN(bound);
    field.setAttribute("aria-invalid", String(!isNumber));
    if (!isNumber) return;
    this.choices.bounds[this.choices.metric] = bound;
    this.draw();
  }

  bound() {
    const { sweep, choices } = this, metric = sweep.metricOf[choices.metric];
    const scale = sweep.scales[choices.metric].all.median;
    const middle = scale ? (scale.isLog ? Math.sqrt(scale.low) * Math.sqrt(scale.high) : (scale.low + scale.high) / 2) : 0;
    return choices.bounds[choices.metric] ?? metric.bound ?? Number(middle.toPrecision(2));
  }

  // The cell of the choices' place, or null.
  cellHere() {
    return this.sweep.cellsAt(this.choices.place)[0] ?? null;
  }

  words() {
    const { sweep, choices } = this, metric = sweep.metricOf[choices.metric].words;
    switch (choices.statistic) {
      case "share_diverged": return say("shareDiverged");
      case "share_below": return say("shareBelow", { metric, bound: numberText(this.bound()) });
      case "share_above": return say("shareAbove", { metric, bound: numberText(this.bound()) });
      default: return say(`${choices.statistic}Of`, { metric });
    }
  }

  scale() {
    const { statistic, metric } = this.choices;
    if (!statistic.startsWith("share_")) return this.scaleOf(metric, statistic);
    return { low: 0, high: 1, isLog: false, ticks: [[0, "0"], [0.25, "0.25"], [0.5, "0.5"], [0.75, "0.75"], [1, "1"]] };
  }

  // The scale of a metric's statistic: that of the target which is held, if there are several, else that of all cells.
  scaleOf(metric, statistic) {
    const { all, each } = this.sweep.scales[metric], { rows, columns, place } = this.choices;
    const isHeld = ([axis, code]) => axis !== rows && axis !== columns && place[axis] === code;
    const own = this.sweep.isScattered ? null : each.find((one) => Object.entries(one.place).every(isHeld));
    return (own ?? all)[statistic];
  }

  // Draw once for all that was asked while drawing.
  async draw() {
    this.isStale = true;
    if (this.drawing) return this.drawing;
    this.drawing = (async () => {
      while (this.isStale) {
        this.isStale = false;
        await this.drawNow();
      }
    })();
    try {
      await this.drawing;
    } finally {
      this.drawing = null;
    }
  }

  async drawNow() {
    const { sweep, choices } = this, { metric, statistic } = choices;
    this.values = sweep.statistic(metric, statistic, this.bound());
    const isShare = statistic.startsWith("share_");
    const isLower = isShare ? statistic === "share_diverged" : sweep.metricOf[metric].isLowerBetter;
    this.paint = new Paint(this.scale(), isLower);
    const held = sweep.isScattered ? [] : sweep.moving.filter(({ name }) => name !== choices.rows && name !== choices.columns);
    const place = sweep.placeText(choices.place, held), what = this.words();
    this.host.setAttribute("aria-label", say("mapOf", { what, rows: choices.rows ? sweep.byName[choices.rows].short : say("none"), columns: sweep.byName[choices.columns].short }));
    this.map.chosen = choices.cell;
    await this.map.draw(choices, this.values, this.paint, {
      title: held.length ? say("titleAt", { what, place }) : what,
      bar: say(isLower ? "lowerIsBetter" : "higherIsBetter", { what }),
    });
    this.fillTable();
    await this.drawDetails();
    this.importance?.draw(sweep, metric);
    await this.parallel?.draw(this.values, new Paint(isShare ? this.scale() : sweep.scales[metric].all[statistic], isLower), what, isLower);
  }

  async drawDetails() {
    const { cell, metric } = this.choices;
    if (cell === null) {
      this.details.said.replaceChildren(say("noCell"));
      return;
    }
    await this.details.draw(cell, metric, this.linesOf(cell));
  }

  pick(cell) {
    this.choices.cell = cell;
    this.choices.place = this.sweep.placeOf(cell);
    this.map.mark(cell);
    this.drawDetails();
  }

  // What is said of a cell: its place, its value, its quartiles, its runs.
  linesOf(cell) {
    const { sweep, choices } = this, { metric } = choices, name = sweep.metricOf[metric].words;
    const lines = [sweep.placeText(sweep.placeOf(cell)) || sweep.title];
    if (!sweep.counts.n_runs[cell]) return [...lines, say("notRun")];
    const state = this.map.stateOf(cell);
    const value = state === "allFailed" ? say("allFailed") : numberText(this.values[cell]);
    lines.push(say("value", { what: this.words(), value }));
    if (sweep.has(metric, "lower_quartile") && sweep.cells.replicates[cell] > 1) {
      const [low, high] = ["lower_quartile", "upper_quartile"].map((each) => numberText(sweep.statistic(metric, each)[cell]));
      lines.push(say("quartiles", { metric: name, low, high }));
    }
    return [...lines, sweep.countsText(cell)];
  }

  point(cell, event) {
    this.tip.hidden = cell === null;
    if (cell === null) return;
    this.tip.replaceChildren(...this.linesOf(cell).map((line) => make("div", {}, line)));
    const room = this.host.clientWidth, width = this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, Math.min(event.sx + 14, room - width))}px`;
    this.tip.style.top = `${event.sy + 18}px`;
  }

  pressed(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step || this.choices.cell === null) return;
    event.preventDefault();
    this.pick(this.sweep.isScattered ? this.map.next(step[0] + step[1]) : this.map.neighbour(...step));
  }

  fillTable() {
    if (!this.table.open) return;
    const { down, across, width, height, cells } = this.map.grid;
    this.table.replaceChildren(this.table.firstElementChild);
    if (this.sweep.isScattered) return this.fillTableOfCells();
    if (cells.length > MOST_TABLE) {
      this.table.append(make("p", { class: "explorer-caption" }, say("tableTooLarge", { n: countText(cells.length) })));
      return;
    }
    const text = (cell) => {
      const state = this.map.stateOf(cell);
      return state === "measured" ? numberText(this.values[cell]) : say(state);
    };
    const rows = [];
    for (let i = 0; i < height; i++) {
      const y = down.isNumeric ? i : height - 1 - i;
      rows.push([down.labels[i], ...Array.from(cells.subarray(y * width, (y + 1) * width), text)]);
    }
    const corner = [down.short, across.short].filter(Boolean).join(" \\ ");
    this.table.append(scrolling(table([corner, ...across.labels], rows), this.words()));
  }

  // A row for each cell, where they are scattered.
  fillTableOfCells() {
    const { sweep } = this, cells = Array.from(sweep.counts.n_runs.keys()).filter((cell) => sweep.counts.n_runs[cell]);
    const rows = cells.slice(0, MOST_TABLE / 4).map((cell) => [
      ...sweep.moving.map((axis) => axis.labels[sweep.codes[axis.name][cell]]), numberText(this.values[cell]),
    ]);
    this.table.append(scrolling(table([...sweep.moving.map((axis) => axis.short), this.words()], rows), this.words()));
  }
}

Bokeh.set_log_level("warn");
for (const section of document.querySelectorAll(".explorer")) {
  if (typeof DecompressionStream === "undefined" || section.explorer) continue;
  section.explorer = new Explorer(section);
  const data = JSON.parse(section.querySelector(".explorer-data").textContent);
  if (data) { // a page about a running sweep has none at first
    section.explorer.take(data).catch((fault) => {
      section.hidden = true; // the figures stand
      throw fault;
    });
  }
}
