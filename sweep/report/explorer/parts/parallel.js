// All axes side by side, for many axes: a line for each cell. Within a value the better cells are higher.

const MOST_LINES = 1500;
const FEWEST_AXES = 3;

class Parallel {
  constructor(element, sweep) {
    Object.assign(this, { element, sweep, share: 1 });
    this.picture = make("div", { role: "img" });
    this.caption = make("p", { class: "explorer-caption" });
    const slider = make("input", { type: "range", min: "1", max: "100", value: "100", "aria-label": say("bestShare", { percent: "" }) });
    const output = make("output", {}, say("bestShare", { percent: 100 }));
    slider.addEventListener("input", () => {
      this.share = slider.valueAsNumber / 100;
      output.replaceChildren(say("bestShare", { percent: slider.value }));
      slider.setAttribute("aria-valuetext", output.textContent);
      this.redraw();
    });
    const label = make("label", { class: "explorer-slider" }, output, slider);
    element.append(make("h3", {}, say("parallel")), make("div", { class: "explorer-controls" }, label), this.picture, this.caption);
  }

  static suits(sweep) {
    return sweep.moving.length >= FEWEST_AXES;
  }

  async draw(values, paint, words, isLower) {
    Object.assign(this, { values, paint, words, isLower });
    const cells = Array.from(values.keys()).filter((cell) => !Number.isNaN(values[cell]));
    const badness = (cell) => (isLower ? values[cell] : -values[cell]);
    this.ranked = cells.sort((a, b) => badness(a) - badness(b) || a - b);
    return this.redraw();
  }

  // From the best to the worst, evenly; of all or of the best share.
  chosen() {
    const n = Math.max(1, Math.round(this.share * this.ranked.length)), m = Math.min(n, MOST_LINES);
    return Array.from({ length: m }, (_, k) => (m > 1 ? Math.round((k * (n - 1)) / (m - 1)) : 0));
  }

  async redraw() {
    const { sweep, ranked, paint, values } = this, axes = sweep.moving, look = inkOf(this.element), last = axes.length;
    const ranks = this.chosen().reverse(); // the best on top
    const height = (axis, cell, rank) => {
      const n = axis.labels.length, at = this.heightOf(axis, sweep.codes[axis.name][cell]);
      return at + (n > 40 ? 0 : (0.5 - rank / ranked.length) * (0.55 / n));
    };
    const lines = { xs: [], ys: [], colour: [] };
    for (const rank of ranks) {
      const cell = ranked[rank], value = values[cell], isFinite = Number.isFinite(value);
      lines.xs.push([...axes.keys(), last]);
      lines.ys.push([...axes.map((axis) => height(axis, cell, rank)), isFinite ? this.heightOfValue(value) : -0.08]);
      lines.colour.push(isFinite && paint.scale ? paint.colour(value) : LOOKS.diverged.ink);
    }
    const figure = newFigure(this.picture, {
      height: 340, x_range: new Bokeh.Range1d({ start: -0.35, end: last + Math.max(0.35, (44 * (last + 0.7)) / this.picture.clientWidth) }), y_range: new Bokeh.Range1d({ start: -0.14, end: 1.08 }), outline_line_color: null,
    });
    figure.yaxis.visible = false;
    figure.multi_line({ field: "xs" }, { field: "ys" }, { line_color: { field: "colour" }, line_width: 1.6, line_alpha: ranks.length > 300 ? 0.45 : 0.8, source: new Bokeh.ColumnDataSource({ data: lines }) });
    figure.segment({ x0: [...axes.keys(), last], x1: [...axes.keys(), last], y0: Array(last + 1).fill(-0.08), y1: Array(last + 1).fill(1.04), line_color: look.faint, line_width: 1 });
    this.addLabels(figure, axes, look);
    const room = this.picture.clientWidth / (last + 0.7) - 6;
    setTicks(figure.xaxis, [...axes.map((axis, i) => [i, broken(axis.short, room, 12)]), [last, broken(this.words, room, 12)]]);
    Object.assign(figure.xaxis, { axis_line_color: null, major_tick_line_color: null });
    const says = say("parallelOf", { what: this.words, n: countText(ranks.length), of: countText(ranked.length) });
    this.caption.replaceChildren(says);
    this.picture.setAttribute("aria-label", says);
    return show(figure, this.picture);
  }

  heightOf(axis, code) {
    const n = axis.labels.length, at = (axis.positions?.[code] ?? code) / (n - 1);
    const inside = n > 40 ? at : (at * (n - 1) + 0.5) / n;
    return axis.isNumeric ? inside : 1 - inside;
  }

  heightOfValue(value) {
    if (!this.paint.scale) return 0;
    const part = Math.min(1, Math.max(0, (this.paint.step(value) + 0.5) / 256));
    return this.isLower ? 1 - part : part;
  }

  addLabels(figure, axes, look) {
    const data = { x: [], y: [], text: [] };
    const room = this.picture.clientWidth / (axes.length + 0.7);
    axes.forEach((axis, i) => {
      const ticks = axis.ticks ?? axis.labels.map((label, code) => [code, label]);
      for (const [code, label] of every(ticks, Math.ceil(ticks.length / 12))) {
        data.x.push(i);
        data.y.push(axis.ticks ? code / (axis.labels.length - 1) : this.heightOf(axis, code));
        data.text.push(cut(label, room - 12, 11));
      }
    });
    for (const [value, label] of this.paint.scale?.ticks ?? []) {
      data.x.push(axes.length);
      data.y.push(this.heightOfValue(value));
      data.text.push(label);
    }
    figure.text({ field: "x" }, { field: "y" }, { field: "text" }, {
      x_offset: 5, text_baseline: "middle", text_font: FONT, text_font_size: "11px", text_color: look.ink,
      background_fill_color: look.paper, background_fill_alpha: 0.88, padding: 2, border_radius: 3, source: new Bokeh.ColumnDataSource({ data }),
    });
  }
}

// A text that is no wider than so many pixels.
function cut(text, width, size) {
  if (widthOf(text, size) <= width) return text;
  let n = text.length - 1;
  while (n > 1 && widthOf(`${text.slice(0, n)}…`, size) > width) n--;
  return `${text.slice(0, n)}…`;
}
