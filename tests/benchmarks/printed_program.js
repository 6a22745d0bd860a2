const fs = require("fs");
const [folder, size, epochs, samples, step, divisor, runs] = process.argv.slice(2);
function numbers(name) {
  const bytes = fs.readFileSync(folder + "/" + name);
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
}
const initial = numbers("initial"), xs = numbers("samples"), rates = numbers("rates");
const n = +size, M = +samples, h = +step, P = 3 * n + 1, losses = [], start = process.hrtime.bigint();
const relu = z => z > 0 ? z : 0;
for (let k = 0; k < +runs; k++) {
  const p = Array.from(initial.slice(k * P, k * P + P));
  const loss = x => {
    let s = 0;
    for (let j = 0; j < n; j++) s += p[n + j] * relu(p[j] * x + p[2 * n + j]);
    const d = s + p[3 * n] - x * x;
    return 0.5 * d * d;
  };
  for (let t = 0; t < +epochs; t++) {
    const G = new Array(P).fill(0);
    for (let i = 0; i < M; i++) {
      const x = xs[t * M + i], before = loss(x);
      for (let q = 0; q < P; q++) {
        p[q] += h; const after = loss(x); p[q] -= h;
        G[q] += (after - before) / h / +divisor;
      }
    }
    for (let q = 0; q < P; q++) p[q] -= rates[k] * G[q];
  }
  let sum = 0;
  for (let i = 0; i <= 10; i++) sum += loss(3 * i / 10);
  losses.push(sum);
}
console.log(JSON.stringify({ losses, ns: Number(process.hrtime.bigint() - start) }));
