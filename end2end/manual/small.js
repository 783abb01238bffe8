// Writes a PNG in at most 256 colours: pages of text have few, and their pictures become a third as large.

import { deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const COLORS = 256;

// The same picture of an opaque page, smaller. `png` is a browser's: 8 bits, no interlacing.
export function small(png) {
  const { width, height, pixels } = decoded(png);
  const { palette, indexes } = reduced(pixels);
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row += 1) {
    indexes.copy(rows, row * (width + 1) + 1, row * width, (row + 1) * width);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const data = deflateSync(rows, { level: 9, memLevel: 9 });
  return Buffer.concat([SIGNATURE, chunk("IHDR", head), chunk("PLTE", palette), chunk("IDAT", data), chunk("IEND")]);
}

// Pixels as numbers of 24 bits.
function decoded(png) {
  const data = [];
  let head;
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const name = png.toString("latin1", at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + length);
    if (name === "IHDR") head = body;
    if (name === "IDAT") data.push(body);
    at += length + 12;
  }
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const step = { 2: 3, 6: 4 }[head[9]];
  if (head[8] !== 8 || head[12] !== 0 || !step) throw new Error("a PNG of another kind");
  const bytes = unfiltered(inflateSync(Buffer.concat(data)), width * step, height, step);
  const pixels = new Uint32Array(width * height);
  for (let index = 0; index < pixels.length; index += 1) pixels[index] = bytes.readUIntBE(index * step, 3);
  return { width, height, pixels };
}

// Each row is written as differences to what stands at its left and above.
function unfiltered(raw, stride, height, step) {
  const bytes = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row += 1) {
    const kind = raw[row * (stride + 1)];
    for (let column = 0; column < stride; column += 1) {
      const at = row * stride + column;
      const left = column >= step ? bytes[at - step] : 0;
      const above = row > 0 ? bytes[at - stride] : 0;
      const corner = row > 0 && column >= step ? bytes[at - stride - step] : 0;
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][kind];
      bytes[at] = raw[row * (stride + 1) + 1 + column] + guess;
    }
  }
  return bytes;
}

function paeth(left, above, corner) {
  const [toLeft, toAbove] = [Math.abs(above - corner), Math.abs(left - corner)];
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

// The most frequent colours, and for every other one the nearest of them.
function reduced(pixels) {
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const known = [...counts].sort((one, other) => other[1] - one[1] || one[0] - other[0]).map(([color]) => color);
  const kept = known.slice(0, COLORS);
  const places = new Map(kept.map((color, place) => [color, place]));
  for (const color of known.slice(COLORS)) places.set(color, nearest(color, kept));
  const palette = Buffer.alloc(kept.length * 3);
  kept.forEach((color, place) => palette.writeUIntBE(color, place * 3, 3));
  return { palette, indexes: Buffer.from(Uint8Array.from(pixels, (pixel) => places.get(pixel))) };
}

function nearest(color, kept) {
  let [best, least] = [0, Infinity];
  kept.forEach((one, place) => {
    const parts = [16, 8, 0].map((shift) => ((one >> shift) & 255) - ((color >> shift) & 255));
    const far = parts.reduce((sum, part) => sum + part * part, 0);
    if (far < least) [best, least] = [place, far];
  });
  return best;
}

function chunk(name, body = Buffer.alloc(0)) {
  const whole = Buffer.alloc(body.length + 12);
  whole.writeUInt32BE(body.length, 0);
  whole.write(name, 4, "latin1");
  body.copy(whole, 8);
  whole.writeUInt32BE(crc(whole.subarray(4, body.length + 8)), body.length + 8);
  return whole;
}

function crc(bytes) {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ -1) >>> 0;
}
