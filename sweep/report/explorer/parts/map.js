// The map: a square (or, where cells are scattered, a dot) for each cell, over two axes.

const MOST_SQUARES = 2500; // that are shapes; more are an image
const MARKED_FROM = 16; // pixels

class SweepMap {
  // `picked(cell)` and `pointed(cell, event)` are told of a click, and of where the pointer is (null: nowhere).
  constructor(element, sweep, { picked, pointed }) {
    Object.assign(this, { element, sweep, picked, pointed });
    this.view = null;
  }

  // Draw what the choices say: { rows, columns, place, metric, statistic, bound }, their values and their words.
  async draw(choices, values, paint, words) {
    Object.assign(this, { choices, values, paint });
    this.grid = this.gridOf(choices);
    this.isImage = this.grid.cells.length > MOST_SQUARES;
    const figure = this.newMap(words);
    this.marks = new Bokeh.ColumnDataSource({ data: { x: [], y: [] } });
    if (this.sweep.isScattered) this.addDots(figure);
    else if (this.isImage) this.addImage(figure);
    else this.addSquares(figure);
    this.addMarks(figure);
    this.addColourBar(figure, words);
    this.addKey(figure);
    figure.on_event("tap", ({ x, y }) => this.tapped(x, y));
    figure.on_event("mousemove", (event) => this.pointed(this.cellAt(event.x, event.y), event));
    figure.on_event("mouseleave", (event) => this.pointed(null, event));
    this.view = await show(figure, this.element);
    this.mark(this.chosen);
  }

  gridOf({ rows, columns, place }) {
    const { sweep } = this;
    const [down, across] = [rows, columns].map((name) => (name ? sweep.byName[name] : { labels: [""], isNumeric: true }));
    const grid = { down, across, height: down.labels.length, width: across.labels.length };
    grid.cells = new Int32Array(sweep.isScattered ? 0 : grid.height * grid.width).fill(-1);
    if (sweep.isScattered) return grid;
    const right = sweep.codes[columns], up = rows ? sweep.codes[rows] : null;
    for (const cell of sweep.cellsAt(place, rows, columns)) {
      const row = up ? up[cell] : 0;
      grid.cells[(down.isNumeric ? row : grid.height - 1 - row) * grid.width + right[cell]] = cell;
    }
    return grid;
  }

  // Numbers grow upwards, text is read from the top down.
  position(cell, grid = this.grid, { rows, columns } = this.choices) {
    const { codes } = this.sweep;
    const at = (axis, name) => axis.positions?.[codes[name][cell]] ?? codes[name][cell];
    const row = rows ? at(grid.down, rows) : 0;
    return { x: at(grid.across, columns), y: grid.down.isNumeric ? row : grid.height - 1 - row };
  }

  newMap({ title }) {
    const { down, across, height, width } = this.grid;
    const room = this.element.clientWidth, isNarrow = room < NARROW;
    const left = widest(down.ticks ? down.ticks.map(([, label]) => label) : down.labels, 12) + (this.choices.rows ? 50 : 24);
    const inner = Math.max(80, room - left - 24);
    const step = inner / width;
    const tall = this.sweep.isScattered ? 1 : height;
    this.square = { width: step };
    const columnTicks = ticksOf(across, width, step, false), turned = columnTicks.turned;
    const most = isNarrow ? 330 : 440;
    const wanted = tall > 40 || this.sweep.isScattered ? Math.min(inner, most) : Math.min(most, Math.max(34, Math.min(40, step)) * height);
    this.square.height = wanted / height;
    const below = (turned ? Math.min(200, widest(across.labels, 12)) : 16) + 34;
    const figure = newFigure(this.element, {
      x_range: edges(width, this.sweep.isScattered),
      y_range: edges(height, this.sweep.isScattered),
      height: Math.round(wanted + below + 92),
    });
    figure.title = new Bokeh.Title({
      text: plainText(broken(title, inner + 10, 13)), text_color: inkOf(this.element).ink, text_font: FONT, text_font_size: "13px", text_font_style: "normal",
    });
    setTicks(figure.xaxis, columnTicks.ticks);
    if (turned) figure.xaxis.major_label_orientation = Math.PI / 2;
    figure.xaxis.axis_label = across.words ? plainText(across.words) : null;
    if (down.words) {
      const rowTicks = ticksOf(down, height, this.square.height, true).ticks;
      setTicks(figure.yaxis, down.isNumeric ? rowTicks : rowTicks.map(([at, label]) => [height - 1 - at, label]));
      figure.yaxis.axis_label = plainText(down.words);
    } else setTicks(figure.yaxis, []);
    if (this.isImage || this.sweep.isScattered) this.addTools(figure);
    return figure;
  }

  // On a large map a reader needs to come near.
  addTools(figure) {
    const zoom = new Bokeh.WheelZoomTool(), box = new Bokeh.BoxZoomTool(), pan = new Bokeh.PanTool(), reset = new Bokeh.ResetTool();
    figure.add_tools(box, pan, zoom, reset);
    Object.assign(figure.toolbar, { active_drag: null, active_scroll: null, logo: null });
    figure.toolbar_location = "above";
  }

  // Marks in the corners are for squares that have room for them.
  get hasCorners() {
    return !this.isImage && !this.sweep.isScattered && Math.min(this.square.width, this.square.height) >= MARKED_FROM;
  }

  stateOf(cell) {
    const { counts } = this.sweep;
    if (cell < 0) return "notPlanned";
    if (Number.isFinite(this.values[cell])) return "measured";
    if (!counts.n_runs[cell]) return "notRun";
    return counts.n_failed[cell] === counts.n_runs[cell] ? "allFailed" : "diverged";
  }

  addSquares(figure) {
    const { width } = this.grid, look = inkOf(this.element);
    const gap = Math.min(this.square.width, this.square.height) > 12 ? look.paper : null;
    const squares = (name) => ({ x: [], y: [], name, colour: [] });
    const of = { measured: squares(), diverged: squares(), allFailed: squares(), notRun: squares() };
    const texts = { x: [], y: [], text: [], ink: [] };
    const corners = { xs: [], ys: [], ink: [] };
    this.seen = new Set();
    const size = this.fontOf();
    this.grid.cells.forEach((cell, at) => {
      const state = this.stateOf(cell), x = at % width, y = Math.floor(at / width);
      if (state === "notPlanned") return;
      if (state !== "measured") this.seen.add(state);
      of[state].x.push(x);
      of[state].y.push(y);
      if (state !== "measured") return;
      const value = this.values[cell], ink = this.paint.on(value);
      of.measured.colour.push(this.paint.colour(value));
      if (size) { texts.x.push(x); texts.y.push(y); texts.text.push(mapText(value, this.paint.scale)); texts.ink.push(ink); }
      this.addCorners(corners, cell, x, y, ink);
    });
    const rect = { width: 1, height: 1, line_color: gap, line_width: gap ? 1.5 : 0 };
    figure.rect({ field: "x" }, { field: "y" }, 1, 1, { ...rect, fill_color: { field: "colour" }, line_color: gap ?? { field: "colour" }, source: new Bokeh.ColumnDataSource({ data: { x: of.measured.x, y: of.measured.y, colour: of.measured.colour } }) });
    for (const [state, { fill, ink, hatch }] of Object.entries(LOOKS)) {
      const source = new Bokeh.ColumnDataSource({ data: { x: of[state].x, y: of[state].y } });
      figure.rect({ field: "x" }, { field: "y" }, 1, 1, { ...rect, fill_color: fill, hatch_pattern: hatch, hatch_color: ink, hatch_scale: 10, hatch_weight: 1.2, source });
    }
    if (corners.xs.length) figure.patches({ field: "xs" }, { field: "ys" }, { fill_color: { field: "ink" }, line_color: null, source: new Bokeh.ColumnDataSource({ data: corners }) });
    figure.text({ field: "x" }, { field: "y" }, { field: "text" }, {
      text_color: { field: "ink" }, text_align: "center", text_baseline: "middle", text_font: FONT, text_font_size: `${size || 1}px`,
      source: new Bokeh.ColumnDataSource({ data: texts }),
    });
  }

  // The size of the numbers in the squares, in pixels; 0 if they do not fit.
  fontOf() {
    if (!this.paint.scale || this.grid.cells.length > 2000) return 0;
    const texts = Array.from(this.grid.cells).filter((cell) => this.stateOf(cell) === "measured").map((cell) => mapText(this.values[cell], this.paint.scale));
    return [12, 11, 10, 9].find((size) => widest(texts, size) + 6 <= this.square.width && 1.3 * size <= this.square.height) ?? 0;
  }

  // A triangle at the right: some runs diverged. An arrowhead at the left: beyond the colours.
  addCorners(corners, cell, x, y, ink) {
    if (!this.hasCorners) {
      const step = this.paint.step(this.values[cell]);
      if (step > 255) this.seen.add("above");
      if (step < 0) this.seen.add("below");
      return;
    }
    const across = 7 / this.square.width, up = 7 / this.square.height, top = y + 0.5 - 2.5 / this.square.height;
    const add = (name, xs, ys) => { corners.xs.push(xs); corners.ys.push(ys); corners.ink.push(ink); this.seen.add(name); };
    const right = x + 0.5 - 2.5 / this.square.width, left = x - 0.5 + 2.5 / this.square.width;
    if (this.sweep.counts.n_diverged[cell] && this.choices.statistic !== "share_diverged") add("someDiverged", [right - across, right, right], [top, top, top - up]);
    const step = this.paint.step(this.values[cell]);
    if (step > 255) add("above", [left, left + across, left + across / 2], [top - up, top - up, top]);
    if (step < 0) add("below", [left, left + across, left + across / 2], [top, top, top - up]);
  }

  addImage(figure) {
    const { width, height, cells } = this.grid;
    const pixels = new Uint32Array(width * height), { paint, values } = this;
    const states = { notPlanned: 0, ...Object.fromEntries(Object.entries(LOOKS).map(([state, { fill }]) => [state, packedColour(fill)])) };
    const packed = Uint32Array.from(paint.packed);
    let isBelow = false, isAbove = false;
    this.seen = new Set();
    for (let at = 0; at < pixels.length; at++) {
      const value = cells[at] < 0 ? NaN : values[cells[at]];
      if (value - value === 0) { // finite
        const step = paint.step(value);
        if (step < 0) isBelow = true;
        else if (step > 255) isAbove = true;
        pixels[at] = packed[step + 1];
      } else {
        const state = this.stateOf(cells[at]);
        if (state !== "notPlanned") this.seen.add(state);
        pixels[at] = states[state];
      }
    }
    if (isBelow) this.seen.add("below");
    if (isAbove) this.seen.add("above");
    const image = Object.assign(pixels, { shape: [height, width], dimension: 2 });
    figure.image_rgba({ field: "image" }, -0.5, -0.5, width, height, { source: new Bokeh.ColumnDataSource({ data: { image: [image] } }) });
  }

  addDots(figure) {
    const data = { x: [], y: [], colour: [], shape: [] };
    this.seen = new Set();
    const order = Array.from(Array(this.sweep.n).keys()).filter((cell) => this.sweep.counts.n_runs[cell]);
    for (const cell of order) {
      const { x, y } = this.position(cell), state = this.stateOf(cell);
      if (state !== "measured") this.seen.add(state);
      data.x.push(x);
      data.y.push(y);
      data.colour.push(state === "measured" ? this.paint.colour(this.values[cell]) : LOOKS[state].ink);
      data.shape.push(state === "measured" ? "circle" : "x");
    }
    figure.scatter({ field: "x" }, { field: "y" }, {
      size: data.x.length > 500 ? 6 : 9, marker: { field: "shape" }, fill_color: { field: "colour" }, line_color: { field: "colour" },
      source: new Bokeh.ColumnDataSource({ data }),
    });
  }

  addMarks(figure) {
    const { ink, paper } = inkOf(this.element), { width, height } = this.square;
    const isLarge = Math.min(width, height) >= 8 && !this.sweep.isScattered;
    const source = this.marks;
    for (const [line_color, line_width] of [[paper, 5], [ink, 2.5]]) {
      // inside of the square: at the edge of the map the outer half of a line is cut off
      if (isLarge) figure.rect({ field: "x" }, { field: "y" }, 1 - 4 / width, 1 - 4 / height, { fill_color: null, line_color, line_width, source });
      else figure.scatter({ field: "x" }, { field: "y" }, { marker: "circle", size: 15, fill_color: null, line_color, line_width, source });
    }
  }

  addColourBar(figure, { bar }) {
    const { scale, colours, under, over } = this.paint;
    if (!scale) return;
    const look = inkOf(this.element);
    const Mapper = scale.isLog ? Bokeh.LogColorMapper : Bokeh.LinearColorMapper;
    const color_mapper = new Mapper({ low: scale.low, high: scale.high, palette: colours, low_color: this.seen.has("below") ? under : null, high_color: this.seen.has("above") ? over : null });
    figure.add_layout(new Bokeh.ColorBar({
      color_mapper, title: plainText(bar), height: 12, width: "auto", padding: 4, margin: 0, background_fill_color: null, bar_line_color: null,
      ticker: new Bokeh.FixedTicker({ ticks: scale.ticks.map(([at]) => at), minor_ticks: [] }),
      major_label_overrides: new Map(scale.ticks.map(([at, label]) => [at, plainText(label)])),
      major_label_text_color: look.ink, major_label_text_font: FONT, major_label_text_font_size: "12px", major_tick_line_color: look.faint, major_tick_in: 0, major_tick_out: 4,
      title_text_color: look.ink, title_text_font: FONT, title_text_font_size: "13px", title_text_font_style: "normal", title_standoff: 4,
    }), "below");
  }

  // What every mark means that is in the map: a part of the picture, so that it is in the saved one as well.
  addKey(figure) {
    const look = inkOf(this.element), { under, over } = this.paint;
    const square = (fill_color, rest = {}) => ({ marker: "square", size: 13, fill_color, line_color: look.faint, ...rest });
    const striped = (name) => square(LOOKS[name].fill, this.isImage ? {} : { hatch_pattern: LOOKS[name].hatch, hatch_color: LOOKS[name].ink, hatch_scale: 6 });
    const corner = { size: 0, fill_color: null, line_color: null }; // no marker is such a triangle: a sign stands for it
    const signs = !this.hasCorners ? {} : { someDiverged: "◥ ", above: "▲ ", below: "▼ " };
    const kinds = {
      diverged: this.sweep.isScattered ? { marker: "x", size: 9, line_color: LOOKS.diverged.ink } : striped("diverged"),
      allFailed: striped("allFailed"), notRun: striped("notRun"), someDiverged: corner,
      above: this.hasCorners ? corner : square(over), below: this.hasCorners ? corner : square(under),
    };
    const names = Object.keys(kinds).filter((name) => this.seen.has(name));
    if (!names.length) return;
    const items = names.map((name) => {
      const renderer = figure.scatter({ x: [NaN], y: [NaN], ...kinds[name] });
      return new Bokeh.LegendItem({ label: { value: `${signs[name] ?? ""}${say(name)}` }, renderers: [renderer] });
    });
    const room = widest(names.map((name) => say(name)), 12) + 60;
    const ncols = Math.max(1, Math.min(names.length, Math.floor((this.element.clientWidth - 20) / room)));
    figure.add_layout(new Bokeh.Legend({
      items, ncols, orientation: "horizontal", location: "top_left", border_line_color: null, background_fill_color: null, padding: 2, margin: 2, spacing: 4,
      label_text_font: FONT, label_text_font_size: "12px", label_text_color: look.ink, glyph_width: 18, glyph_height: 18, label_standoff: 4,
    }), "below");
    figure.height += 24 * Math.ceil(names.length / ncols);
  }

  cellAt(x, y) {
    if (x === null || Number.isNaN(x)) return null;
    if (this.sweep.isScattered) return this.nearest(x, y);
    const [i, j] = [Math.round(x), Math.round(y)];
    const { width, height, cells } = this.grid;
    if (i < 0 || i >= width || j < 0 || j >= height) return null;
    const cell = cells[j * width + i];
    return cell < 0 ? null : cell;
  }

  // The nearest dot within a few pixels.
  nearest(x, y) {
    let best = null, least = 12 ** 2;
    for (let cell = 0; cell < this.sweep.n; cell++) {
      const at = this.position(cell);
      const distance = ((at.x - x) * this.square.width) ** 2 + ((at.y - y) * this.square.height) ** 2;
      if (this.sweep.counts.n_runs[cell] && distance < least) [best, least] = [cell, distance];
    }
    return best;
  }

  tapped(x, y) {
    const cell = this.cellAt(x, y);
    if (cell !== null) this.picked(cell);
  }

  // Show which cell is chosen, if it is in the map.
  mark(cell) {
    this.chosen = cell;
    const { x, y } = cell === null || cell === undefined ? {} : this.position(cell);
    const isHere = x !== undefined && (this.sweep.isScattered || this.grid.cells[y * this.grid.width + x] === cell);
    this.marks.data = isHere ? { x: [x], y: [y] } : { x: [], y: [] };
  }

  // The cell after or before the chosen one, in the order of the plan.
  next(step) {
    const { n, counts } = this.sweep;
    for (let k = 1, cell = this.chosen; k < n; k++) {
      cell = (cell + step + n) % n;
      if (counts.n_runs[cell]) return cell;
    }
    return this.chosen;
  }

  // The next cell from the chosen one in a direction, over gaps; the same one at the edge.
  neighbour(dx, dy) {
    const { width, height, cells } = this.grid;
    let { x, y } = this.position(this.chosen);
    for (;;) {
      [x, y] = [x + dx, y + dy];
      if (x < 0 || x >= width || y < 0 || y >= height) return this.chosen;
      if (cells[y * width + x] >= 0) return cells[y * width + x];
    }
  }
}

// The range of an axis of n squares; dots have some room at its ends.
function edges(n, isRoomy) {
  const room = isRoomy ? Math.max(0.5, 0.03 * n) : 0.5, [start, end] = [-room, n - 1 + room];
  return new Bokeh.Range1d({ start, end, bounds: [start, end] });
}

// The labels of an axis that have room: [position, label]; of columns that do not fit they are turned.
function ticksOf(axis, n, step, isDown) {
  if (axis.ticks) return { ticks: thinned(axis.ticks, step, isDown), turned: false };
  const all = axis.labels.map((label, i) => [i, label]);
  const need = isDown ? 15 : widest(axis.labels, 12) + 8;
  if (need <= step || axis.isNumeric || isDown) return { ticks: every(all, Math.ceil(need / step)), turned: false };
  return { ticks: every(all, Math.ceil(15 / step)), turned: true };
}

function every(list, n) {
  return list.filter((_, i) => i % Math.max(1, n) === 0);
}

function thinned(ticks, step, isDown) {
  const need = isDown ? 15 : widest(ticks.map(([, label]) => label), 12) + 8;
  for (let n = 1; n < ticks.length; n++) {
    const left = every(ticks, n);
    if (left.length < 2 || (left[1][0] - left[0][0]) * step >= need) return left;
  }
  return ticks.slice(0, 1);
}

// A text in lines of at most so many pixels.
function broken(text, width, size) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (lines.at(-1) && widthOf(line, size) > width) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.join("\n");
}
