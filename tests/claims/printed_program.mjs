// The program that part 5 of the articles prints, for 1-n-1 networks, and its runs that test_printed_program.py judges:
//
//     node tests/claims/printed_program.mjs runs > tests/claims/printed_program_runs.json      (about 20 minutes)
//     node tests/claims/printed_program.mjs check tests/network/golden/*.json                    (the traces, bit for bit)
//
// Every gradient is a forward difference, a minibatch has M + 1 samples, the sum of the differences is divided by M, and the
// loss is checked on M + 1 points. Run r has the same random numbers under every condition, as our replicates have; they have
// nothing in common with ours.

import { readFileSync } from "node:fs";

const TARGETS = { lin: x => x, quad: x => x * x, cubic: x => x * x * x - 2.5 * x * x };
const ACTIVATIONS = {
  relu: z => (z > 0 ? z : 0),
  tanh: z => Math.tanh(z),
  sigmoid: z => 1 / (1 + Math.exp(-z)),
};

// Parameters of a 1-n-1 network: weights to the hidden neurons, from them, biases of the hidden neurons, of the output.
function train({ n, activation, target, interval, learning_rate, M, d, epochs }, parameters, draw, note) {
  const g = ACTIVATIONS[activation], f = TARGETS[target], p = parameters, [low, high] = interval;
  const lossAt = (x, wanted) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += p[n + j] * g(p[j] * x + p[2 * n + j]);
    const error = sum + p[3 * n] - wanted;
    return 0.5 * error * error;
  };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const gradient = new Float64Array(p.length);
    for (let i = 0; i <= M; i++) {
      const x = draw(), wanted = f(x), before = lossAt(x, wanted);
      for (let q = 0; q < p.length; q++) {
        p[q] += d;
        gradient[q] += (lossAt(x, wanted) - before) / d / M;
        p[q] -= d;
      }
    }
    for (let q = 0; q < p.length; q++) p[q] -= learning_rate * gradient[q];
    note(epoch, () => {
      let sum = 0;
      for (let i = 0; i <= M; i++) {
        const x = low + ((high - low) * i) / M;
        sum += lossAt(x, f(x));
      }
      return sum;
    });
  }
}

// mulberry32, in 32 bits: enough for a few hundred runs of some ten thousand numbers.
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const RUNS = 128;

function* conditions() {
  const activations = ["relu", "tanh", "sigmoid"], common = { n: 10, d: 1e-4, epochs: 1000, asked: [1000] };
  const square = { config: "part-05-2-square", target: "quad", interval: [0, 3] };
  const cubic = { target: "cubic", interval: [0, 3], epochs: 3000, M: 10 };
  for (const activation of activations)
    yield { ...common, config: "part-05-1-line", target: "lin", interval: [0, 1], activation, M: 10, learning_rate: 0.1,
            asked: [100, 300, 1000] };
  for (const activation of activations) for (const learning_rate of [0.03, 0.1]) for (const M of [5, 10, 20])
    yield { ...common, ...square, activation, learning_rate, M };
  for (const activation of activations) for (const learning_rate of [0.03, 0.1])
    yield { ...common, ...cubic, config: "part-05-3-cubic", asked: [3000], activation, learning_rate };
  for (const activation of ["relu", "tanh"]) for (const learning_rate of [0.03, 0.1]) for (const n of [3, 7, 15])
    yield { ...common, ...cubic, config: "part-06-neurons", asked: [1000, 2000, 3000], n, activation, learning_rate };
}

function runs() {
  const rows = [];
  for (const { asked, ...condition } of conditions()) {
    const { n, interval: [low, high], config, activation, learning_rate, M } = condition;
    const losses = asked.map(() => []);
    for (let run = 0; run < RUNS; run++) {
      const initial = generator(2 * run + 1), samples = generator(2 * run + 2);
      const parameters = new Float64Array(3 * n + 1);
      // Neuron by neuron, the output's bias first: so the first neurons are the same at every width.
      const order = [3 * n, ...Array.from({ length: n }, (_, j) => [j, 2 * n + j, n + j]).flat()];
      for (const q of order) parameters[q] = initial() - 0.5;
      train(condition, parameters, () => low + (high - low) * samples(), (epoch, loss) => {
        if (asked.includes(epoch)) losses[asked.indexOf(epoch)].push(Number(loss().toPrecision(6)));
      });
    }
    asked.forEach((epochs, i) =>
      rows.push({ config, neurons: n, activation, learning_rate, batch_size: M, epochs, losses: losses[i] }));
    console.error(JSON.stringify(condition));
  }
  console.log("[" + rows.map(row => JSON.stringify(row)).join(",\n") + "]");
}

function check(paths) {
  for (const path of paths) {
    const trace = JSON.parse(readFileSync(path, "utf8"));
    const { layer_sizes: [, n], activation, target, interval, learning_rate, batch_size: M, difference_step: d, epochs } = trace;
    const { weights: [inward, [outward]], biases: [hidden, output] } = trace.initial;
    const samples = trace.samples.flat()[Symbol.iterator]();
    const losses = [];
    train({ n, activation, target, interval, learning_rate, M, d, epochs },
          Float64Array.from([...inward.flat(), ...outward, ...hidden, ...output]),
          () => samples.next().value, (_, loss) => losses.push(loss()));
    const same = losses.filter((loss, i) => loss === trace.losses[i]).length;
    console.log(`${path}: ${same} of ${trace.losses.length} losses to the last bit`);
  }
}

const [what, ...paths] = process.argv.slice(2);
if (what === "check") check(paths);
else runs();
