// Columns: numbers out of the page's texts, as `columns.py` has written them.

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const signs = atob(text), bytes = new Uint8Array(signs.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = signs.charCodeAt(i);
  return bytes;
}

async function inflated(text) {
  const packed = bytesOf(text);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function column({ kind, length, text }) {
  const Kind = { Float64Array, Uint8Array, Uint16Array, Uint32Array }[kind];
  const width = Kind.BYTES_PER_ELEMENT;
  const planes = await inflated(text);
  const bytes = new Uint8Array(length * width);
  for (let k = 0; k < width; k++) {
    for (let i = 0, from = k * length; i < length; i++) bytes[i * width + k] = planes[from + i];
  }
  return new Kind(bytes.buffer);
}

// The same records, with arrays in the places of columns.
async function unpacked(value) {
  if (Array.isArray(value) || value === null || typeof value !== "object") return value;
  if (typeof value.text === "string" && typeof value.kind === "string") return column(value);
  const entries = await Promise.all(Object.entries(value).map(async ([name, each]) => [name, await unpacked(each)]));
  return Object.fromEntries(entries);
}
