// The sweep: its cells and runs, and the statistics of its cells, computed as the tables compute them. There may be a
// million of them: so plain loops, where methods of arrays would call a function for each.

const MISSING = 0, OK = 1, DIVERGED = 2;
const STATUSES = ["missing", "ok", "diverged", "failed", "timeout", "killed"];
const QUANTILES = { median: 0.5, lower_quartile: 0.25, upper_quartile: 0.75 };

class Sweep {
  constructor(data) {
    Object.assign(this, data);
    this.n = data.cells.length;
    this.byName = Object.fromEntries(this.axes.map((axis) => [axis.name, axis]));
    this.metricOf = Object.fromEntries(this.metrics.map((metric) => [metric.name, metric]));
    this.moving = this.axes.filter((axis) => axis.labels.length > 1);
    this.codes = data.cells.codes ?? this.gridCodes();
    this.firstRun = new Uint32Array(this.n + 1);
    for (let i = 0; i < this.n; i++) this.firstRun[i + 1] = this.firstRun[i] + data.cells.replicates[i];
    this.counts = data.statistics ? data.statistics.counts : this.counted();
    this.known = new Map();
  }

  // Whether another one has the same axes, metrics and columns: then a reader's controls can stay as they are.
  isLike(other) {
    const shape = ({ axes, metrics, isScattered, notes, runs }) => JSON.stringify([axes.map(({ name, labels }) => [name, labels]), metrics, isScattered, notes, !runs]);
    return shape(this) === shape(other);
  }

  // The codes of all combinations of the axes' values, the last axis changing fastest.
  gridCodes() {
    let each = this.n;
    return Object.fromEntries(
      this.axes.map(({ name, labels }) => {
        each /= labels.length;
        const codes = new Uint32Array(this.n);
        for (let i = 0, code = 0, left = each; i < this.n; i++, left--) {
          if (left === 0) { left = each; code = (code + 1) % labels.length; }
          codes[i] = code;
        }
        return [name, codes];
      }),
    );
  }

  counted() {
    const names = ["n_runs", "n_diverged", "n_failed"];
    const [runs, diverged, failed] = names.map(() => new Uint32Array(this.n));
    const { firstRun } = this, { status } = this.runs;
    for (let i = 0; i < this.n; i++) {
      for (let run = firstRun[i]; run < firstRun[i + 1]; run++) {
        if (status[run] !== MISSING) runs[i] += 1;
        if (status[run] === DIVERGED) diverged[i] += 1;
        if (status[run] > DIVERGED) failed[i] += 1;
      }
    }
    return { n_runs: runs, n_diverged: diverged, n_failed: failed };
  }

  once(name, make) {
    if (!this.known.has(name)) this.known.set(name, make());
    return this.known.get(name);
  }

  // A metric of every run, as the table of runs has it.
  given(metric) {
    const column = this.runs.metrics[metric];
    if (!column.of) return column;
    return this.once(`given ${metric}`, () => {
      const source = this.given(column.of), values = new Float64Array(source.length);
      for (let i = 0; i < values.length; i++) values[i] = column.factor * source[i] ** column.power;
      return values;
    });
  }

  // The same as statistics count it: the worst there is for a run that diverged.
  worth(metric) {
    const { isDerived, isLowerBetter } = this.metricOf[metric];
    if (isDerived) return this.given(metric);
    return this.once(`worth ${metric}`, () => {
      const worst = isLowerBetter ? Infinity : -Infinity;
      const values = this.given(metric).slice(), { status } = this.runs;
      for (let run = 0; run < values.length; run++) if (status[run] === DIVERGED) values[run] = worst;
      return values;
    });
  }

  // Of every cell, its runs' values in ascending order without NaN.
  ordered(metric) {
    return this.once(`ordered ${metric}`, () => {
      const values = this.worth(metric), ordered = new Float64Array(values.length), size = new Uint32Array(this.n);
      const { firstRun } = this;
      for (let i = 0; i < this.n; i++) {
        const first = firstRun[i], end = firstRun[i + 1];
        let n = 0;
        for (let run = first; run < end; run++) {
          if (values[run] === values[run]) ordered[first + n++] = values[run]; // not NaN
        }
        if (n > 1) ordered.subarray(first, first + n).sort();
        size[i] = n;
      }
      return { ordered, size };
    });
  }

  // Linear between the order statistics; infinite where a neighbour is and has any weight.
  quantile(metric, q) {
    const { ordered, size } = this.ordered(metric), { firstRun } = this, values = new Float64Array(this.n).fill(NaN);
    for (let i = 0; i < this.n; i++) {
      const n = size[i];
      if (!n) continue;
      const position = q * (n - 1), below = Math.floor(position), weight = position - below;
      const low = ordered[firstRun[i] + below], high = ordered[firstRun[i] + Math.min(below + 1, n - 1)];
      values[i] = weight === 0 || low === high || low === -Infinity ? low : low + weight * (high - low);
    }
    return values;
  }

  has(metric, statistic) {
    if (statistic.startsWith("share_") && statistic !== "share_diverged") return this.runs !== null;
    if (this.runs || statistic === "share_diverged") return true;
    return Boolean(this.statistics.metrics[metric]?.[statistic]);
  }

  // A statistic of every cell; NaN where there is none.
  statistic(metric, name, bound) {
    const { n_runs, n_diverged, n_failed } = this.counts;
    if (name === "share_diverged") {
      return Float64Array.from(n_runs, (n, i) => n_diverged[i] / (n - n_failed[i]));
    }
    if (name.startsWith("share_")) return this.shares(metric, bound);
    if (!this.runs) return this.statistics.metrics[metric]?.[name] ?? new Float64Array(this.n).fill(NaN);
    return this.once(`${name} ${metric}`, () => this.quantile(metric, QUANTILES[name]));
  }

  // The share of a cell's runs with a result that are better than a bound.
  shares(metric, bound) {
    const values = this.worth(metric), isLower = this.metricOf[metric].isLowerBetter;
    const { firstRun } = this, { n_runs, n_failed } = this.counts, shares = new Float64Array(this.n);
    for (let i = 0; i < this.n; i++) {
      let better = 0;
      for (let run = firstRun[i]; run < firstRun[i + 1]; run++) {
        if (isLower ? values[run] < bound : values[run] > bound) better += 1;
      }
      shares[i] = better / (n_runs[i] - n_failed[i]);
    }
    return shares;
  }

  // The cells that have the values of `place` on all axes but these: in the order of the plan.
  cellsAt(place, ...free) {
    const held = this.moving.filter((axis) => !free.includes(axis.name));
    const codes = held.map((axis) => this.codes[axis.name]), wanted = held.map((axis) => place[axis.name]);
    const cells = [];
    for (let i = 0; i < this.n; i++) {
      let k = 0;
      while (k < codes.length && codes[k][i] === wanted[k]) k++;
      if (k === codes.length) cells.push(i);
    }
    return cells;
  }

  placeOf(cell) {
    return Object.fromEntries(this.axes.map((axis) => [axis.name, this.codes[axis.name][cell]]));
  }

  placeText(place, axes = this.moving) {
    const texts = axes.map((axis) => say("place", { axis: axis.short, value: axis.labels[place[axis.name]] }));
    return texts.join(say("placeJoint"));
  }

  countsText(cell) {
    const [n, diverged, failed] = ["n_runs", "n_diverged", "n_failed"].map((name) => this.counts[name][cell]);
    const name = diverged ? (failed ? "countsBoth" : "countsDiverged") : failed ? "countsFailed" : n === 1 ? "oneRun" : "counts";
    return say(name, { n: countText(n), diverged: countText(diverged), failed: countText(failed) });
  }

  // The rows of a table by settings that are those of this cell: [from, to], or null if it has none.
  rowsOf(table, cell) {
    const axes = Object.keys(table.codes);
    for (let k = 0; k + 1 < table.first.length; k++) {
      if (axes.every((axis) => table.codes[axis][k] === this.codes[axis][cell])) {
        return [table.first[k], table.first[k + 1]];
      }
    }
    return null;
  }
}
