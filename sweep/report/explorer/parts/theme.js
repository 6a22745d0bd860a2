// How things look: the colours of the page, light or dark, and of values, as in the figures beside.

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const NARROW = 520; // pixels

const LOOKS = {
  diverged: { fill: "#b8b8b8", ink: "#808080", hatch: "right_diagonal_line" },
  allFailed: { fill: "#f3e3df", ink: "#b98c80", hatch: "diagonal_cross" },
  notRun: { fill: "#ffffff", ink: "#aeb4bc", hatch: "dot" },
};

function inkOf(host) {
  const style = getComputedStyle(host);
  const colour = (name) => style.getPropertyValue(`--explorer-${name}`).trim();
  return { paper: colour("paper"), ink: colour("ink"), faint: colour("faint"), line: colour("line"), accent: colour("accent"), target: colour("target") };
}

// The colours of a metric's values: bright is better. What is beyond the scale has a colour of its own.
class Paint {
  constructor(scale, isLowerBetter) {
    const viridis = Bokeh.Palettes.Viridis256.map((colour) => `#${(colour >>> 8).toString(16).padStart(6, "0")}`);
    this.scale = scale;
    this.colours = isLowerBetter ? [...viridis].reverse() : viridis;
    [this.under, this.over] = isLowerBetter ? ["#fdf8c2", "#17001c"] : ["#17001c", "#fdf8c2"];
    [this.first, this.stretch] = !scale ? [0, 1] : scale.isLog ? [Math.log(scale.low), 256 / Math.log(scale.high / scale.low)] : [scale.low, 256 / (scale.high - scale.low)];
    this.packed = [this.under, ...this.colours, this.over].map(packedColour);
  }

  // -1 below the scale, 256 above it, else a colour's number.
  step(value) {
    const { low, high, isLog } = this.scale;
    if (value < low) return -1;
    if (value > high) return 256;
    return Math.min(255, Math.max(0, Math.floor(((isLog ? Math.log(value) : value) - this.first) * this.stretch)));
  }

  colour(value) {
    const step = this.step(value);
    return step < 0 ? this.under : step > 255 ? this.over : this.colours[step];
  }

  // What can be read on a colour: black or white (relative luminance of WCAG).
  on(value) {
    const channels = [1, 3, 5].map((k) => parseInt(this.colour(value).slice(k, k + 2), 16) / 255);
    const [r, g, b] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.2 ? "#22262b" : "#ffffff";
  }
}

// A colour as a pixel of an image: bytes red, green, blue, opaque.
function packedColour(colour) {
  const [r, g, b] = [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16));
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

// Text that Bokeh writes as it stands: never as mathematics, for which it would load a library.
function plainText(text) {
  return new Bokeh.PlainText({ text });
}

const ruler = document.createElement("canvas").getContext("2d");

function widthOf(text, size) {
  ruler.font = `${size}px ${FONT}`;
  return ruler.measureText(text).width;
}

function widest(texts, size) {
  return texts.reduce((width, text) => Math.max(width, widthOf(text, size)), 0);
}

// A figure of Bokeh without tools, in the colours of the page.
function newFigure(host, options) {
  const look = inkOf(host);
  const figure = Bokeh.Plotting.figure({
    tools: "", toolbar_location: null, sizing_mode: "stretch_width", min_border_right: 18, min_border_top: 4,
    background_fill_color: look.paper, border_fill_color: look.paper, outline_line_color: look.line,
    lod_threshold: null, ...options,
  });
  for (const axis of [figure.xaxis, figure.yaxis]) {
    Object.assign(axis, {
      axis_line_color: look.line, major_tick_line_color: look.line, minor_tick_line_color: null,
      major_label_text_color: look.ink, axis_label_text_color: look.ink, axis_label_text_font: FONT,
      major_label_text_font: FONT, axis_label_text_font_size: "13px", major_label_text_font_size: "12px",
      axis_label_text_font_style: "normal", axis_label_standoff: 6, major_tick_in: 0, major_tick_out: 4,
    });
  }
  Object.assign(figure.xgrid, { grid_line_color: null });
  Object.assign(figure.ygrid, { grid_line_color: null });
  return figure;
}

// Put labels at places of an axis, [place, label], and return what a grid takes to go with them.
function setTicks(axis, ticks) {
  const ticker = new Bokeh.FixedTicker({ ticks: ticks.map(([at]) => at), minor_ticks: [] });
  axis.ticker = ticker;
  axis.major_label_overrides = new Map(ticks.map(([at, label]) => [at, plainText(label)]));
  return ticker;
}

// A picture of Bokeh in an element, in the place of the one before.
async function show(figure, element) {
  const fresh = document.createElement("div");
  element.replaceChildren(fresh);
  return Bokeh.Plotting.show(figure, fresh);
}
