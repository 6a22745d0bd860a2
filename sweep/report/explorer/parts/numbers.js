// Numbers as the rest of the page writes them.

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const DIGITS = 4;

// The leading digits of a number and the power of ten of the first: { figures: "158", exponent: -1 } is 0.158. Of two
// that are equally near the even one is taken, as Python does.
function leading(value, digits) {
  const split = (text) => {
    const [mantissa, exponent] = text.split("e");
    return { figures: mantissa.replace(".", ""), exponent: Number(exponent) };
  };
  const size = Math.abs(value);
  const exact = split(size.toExponential(Math.min(100, digits + 60)));
  const isTie = /^50*$/.test(exact.figures.slice(digits));
  const isEven = "02468".includes(exact.figures[digits - 1]);
  if (isTie && isEven) return { figures: exact.figures.slice(0, digits), exponent: exact.exponent };
  return split(size.toExponential(digits - 1));
}

function plain({ figures, exponent }) {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${figures}`;
  const whole = figures.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const rest = figures.slice(exponent + 1);
  return rest ? `${whole}.${rest}` : whole;
}

function grouped(text) {
  const [whole, rest] = text.split(".");
  const parted = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") : whole;
  return rest === undefined ? parted : `${parted}.${rest}`;
}

// In running text: 0.158, 12 000 or 3×10⁻⁵.
function numberText(value, digits = DIGITS) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const sign = value < 0 ? "−" : "";
  const { figures, exponent } = leading(value, digits);
  const short = figures.replace(/0+$/, "");
  if (exponent >= -4 && exponent < 6) return sign + grouped(plain({ figures: short, exponent }));
  const mantissa = short.length > 1 ? `${short[0]}.${short.slice(1)}` : short;
  const power = `10${[...String(exponent)].map((figure) => SUPERSCRIPTS[figure]).join("")}`;
  return sign + (mantissa === "1" ? power : `${mantissa}×${power}`);
}

// With so many digits behind the point, as Python's "{:.2f}".
function fixedText(value, decimals) {
  const digits = value === 0 ? 0 : leading(value, 17).exponent + 1 + decimals;
  return digits < 1 ? value.toFixed(decimals) : (value < 0 ? "-" : "") + plain(leading(value, digits));
}

function countText(n) {
  return grouped(String(n));
}

function percentText(share) {
  const percent = 100 * share;
  return `${percent === Math.round(percent) ? percent : numberText(percent, 3)} %`;
}

// In a square: 0.16, 8.0, 310, 1.2e3, 9e-4.
function squareText(value, digits = 2) {
  if (value === 0) return "0";
  const sign = value < 0 ? "-" : "";
  const { figures, exponent } = leading(value, digits);
  if (exponent >= -3 && exponent < Math.max(digits, 3)) return sign + plain({ figures, exponent });
  const short = figures.replace(/0+$/, "");
  return `${sign}${short.length > 1 ? `${short[0]}.${short.slice(1)}` : short}e${exponent}`;
}

// In a square of a map whose colours have a scale: with as many digits as show its steps.
function mapText(value, scale) {
  if (!scale) return squareText(value);
  if (scale.isLog) {
    const ratio = scale.high / scale.low;
    const isInside = value >= scale.low && value <= scale.high;
    const isExact = Number(value.toPrecision(2)) === value;
    const digits = isInside && !isExact ? (ratio < 1.45 ? 4 : ratio < 2.5 ? 3 : 2) : 2;
    for (let n = digits; n > 2; n--) if (squareText(value, n).length <= 7) return squareText(value, n);
    return squareText(value);
  }
  const step = (scale.high - scale.low) / 20;
  if (!(step > 0 && Number.isFinite(step))) return squareText(value);
  const text = fixedText(value, Math.min(100, Math.max(0, Math.ceil(-Math.log10(step)))));
  return text.length <= 7 ? text : squareText(value);
}
