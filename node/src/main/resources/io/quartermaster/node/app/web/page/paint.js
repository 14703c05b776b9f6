/** Paints cells of the heat map on a canvas: colour, pattern and letter say the same thing three times. */
import { LETTERS, PARTS } from "./cells.js";

const RESERVED = 2;
const SPENT = 3;

/** Which part is shown where several cells share a pixel: what is booked, wherever there is some, else what most of them are. */
function shownOf(counts) {
  if (counts[RESERVED] + counts[SPENT] > 0) {
    return counts[RESERVED] > 0 ? RESERVED : SPENT;
  }
  let most = 0;
  for (let part = 1; part < counts.length; part++) {
    most = counts[part] > counts[most] ? part : most;
  }
  return most;
}

const PATTERN_FROM = { width: 4, height: 5 };
const LETTER_FROM = { width: 9, height: 10 };

export class Palette {
  constructor(element) {
    const style = getComputedStyle(element);
    const read = (name) => style.getPropertyValue(name).trim();
    this.colours = PARTS.map((part) => read("--" + part));
    this.letters = PARTS.map((part) => read("--on-" + part));
    this.ink = read("--ink");
    this.muted = read("--muted");
    this.ground = read("--panel");
    this.accent = read("--accent");
    this.line = read("--line");
    this.pixels = new Uint32Array(this.colours.map(pixel));
    this.patterns = new Map();
  }

  /** The pattern of a part, or null: lines for invalidated, dots for expired, a bar for reserved. */
  pattern(context, part, ratio) {
    const key = part + " " + ratio;
    if (!this.patterns.has(key)) {
      this.patterns.set(key, drawnPattern(context, PARTS[part], this.letters[part], ratio));
    }
    return this.patterns.get(key);
  }
}

const probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

/** A colour as the bytes of a pixel. */
function pixel(colour) {
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  return new Uint32Array(probe.getImageData(0, 0, 1, 1).data.buffer)[0];
}

function drawnPattern(context, part, colour, ratio) {
  const size = Math.round(6 * ratio);
  const tile = new OffscreenCanvas(size, size);
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  pen.globalAlpha = 0.55;
  pen.lineWidth = ratio;
  if (part === "invalidated") {
    pen.beginPath();
    pen.moveTo(0, size);
    pen.lineTo(size, 0);
    pen.moveTo(-1, 1);
    pen.lineTo(1, -1);
    pen.moveTo(size - 1, size + 1);
    pen.lineTo(size + 1, size - 1);
    pen.stroke();
  } else if (part === "expired") {
    pen.fillRect(0, 0, ratio, ratio);
    pen.fillRect(size / 2, size / 2, ratio, ratio);
  } else if (part === "reserved") {
    pen.fillRect(0, Math.round(size / 2), size, ratio);
  } else {
    return null;
  }
  return context.createPattern(tile, "repeat");
}

/**
 * Paints cells. All lengths in device pixels.
 *
 * @param view {cells, order, palette, ratio, left, top, right, bottom, width, height, x, y}: where on the canvas, how large a cell is
 *   (below 1: several share a pixel), and which part of the whole is in sight
 */
export function paintCells(context, view) {
  const small = view.width < 3 * view.ratio || view.height < 3 * view.ratio;
  (small ? paintPixels : paintBoxes)(context, view);
}

function paintPixels(context, view) {
  const { cells, order, palette } = view;
  const wide = view.right - view.left;
  const high = view.bottom - view.top;
  if (wide <= 0 || high <= 0) {
    return;
  }
  const image = context.createImageData(wide, high);
  const pixels = new Uint32Array(image.data.buffer);
  const starts = new Int32Array(wide + 1);
  for (let x = 0; x <= wide; x++) {
    starts[x] = Math.floor((x + view.x) / view.width);
  }
  const counts = new Uint32Array(PARTS.length);
  let lastRow = -1;
  for (let y = 0; y < high; y++) {
    const row = Math.floor((y + view.y) / view.height);
    if (row >= order.length) {
      break;
    }
    const rowEnd = Math.min(order.length, Math.max(row + 1, Math.floor((y + 1 + view.y) / view.height)));
    const at = y * wide;
    if (row === lastRow && rowEnd === row + 1) {
      pixels.copyWithin(at, at - wide, at);
      continue;
    }
    lastRow = row;
    for (let x = 0; x < wide && starts[x] < cells.length; x++) {
      const to = Math.min(cells.length, Math.max(starts[x] + 1, starts[x + 1]));
      counts.fill(0);
      for (let r = row; r < rowEnd; r++) {
        for (let b = starts[x]; b < to; b++) {
          counts[cells.part(order[r], cells.first + b)]++;
        }
      }
      pixels[at + x] = palette.pixels[shownOf(counts)];
    }
  }
  context.putImageData(image, view.left, view.top);
}

function paintBoxes(context, view) {
  const { cells, order, palette, ratio } = view;
  const firstRow = Math.floor(view.y / view.height);
  const lastRow = Math.min(order.length - 1, Math.floor((view.y + view.bottom - view.top) / view.height));
  const firstBlock = Math.floor(view.x / view.width);
  const lastBlock = Math.min(cells.length - 1, Math.floor((view.x + view.right - view.left) / view.width));
  const patterned = view.width >= PATTERN_FROM.width * ratio && view.height >= PATTERN_FROM.height * ratio;
  const lettered = view.width >= LETTER_FROM.width * ratio && view.height >= LETTER_FROM.height * ratio;
  const gap = view.width >= 5 * ratio ? Math.round(ratio) : 0;
  context.save();
  context.beginPath();
  context.rect(view.left, view.top, view.right - view.left, view.bottom - view.top);
  context.clip();
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `${Math.min(11 * ratio, view.height - 3 * ratio)}px system-ui, sans-serif`;
  for (let row = firstRow; row <= lastRow; row++) {
    const y = view.top + row * view.height - view.y;
    const high = view.height - Math.round(ratio);
    for (let b = firstBlock; b <= lastBlock; ) {
      const part = cells.part(order[row], cells.first + b);
      const start = b++;
      while (!gap && b <= lastBlock && cells.part(order[row], cells.first + b) === part) {
        b++;
      }
      const x = view.left + start * view.width - view.x;
      const wide = (b - start) * view.width - gap;
      context.fillStyle = palette.colours[part];
      context.fillRect(x, y, wide, high);
      const pattern = patterned && !lettered && part > 0 ? palette.pattern(context, part, ratio) : null;
      if (pattern) {
        context.fillStyle = pattern;
        context.fillRect(x, y, wide, high);
      }
      if (lettered && LETTERS[part]) {
        context.fillStyle = palette.letters[part];
        context.fillText(LETTERS[part], x + wide / 2, y + high / 2 + 0.5 * ratio);
      }
    }
  }
  context.restore();
}

/** A swatch for the legend: colour, pattern and letter. */
export function swatch(palette, part, ratio) {
  const canvas = document.createElement("canvas");
  const size = 16;
  canvas.width = canvas.height = size * ratio;
  canvas.style.width = canvas.style.height = size + "px";
  canvas.setAttribute("aria-hidden", "true");
  const context = canvas.getContext("2d");
  context.fillStyle = palette.colours[part];
  context.fillRect(0, 0, size * ratio, size * ratio);
  const pattern = part > 0 ? palette.pattern(context, part, ratio) : null;
  if (pattern) {
    context.globalAlpha = 0.7;
    context.fillStyle = pattern;
    context.fillRect(0, 0, size * ratio, size * ratio);
    context.globalAlpha = 1;
  }
  context.fillStyle = palette.letters[part];
  context.font = `600 ${10 * ratio}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(LETTERS[part], (size / 2) * ratio, (size / 2 + 0.5) * ratio);
  return canvas;
}
