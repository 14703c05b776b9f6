/** What each block is to each miner, as the replica's HeatMap sends it: the whole, then changes. Nothing here draws. */

export const PARTS = ["nothing", "free", "reserved", "spent", "invalidated", "expired"];
export const LETTERS = ["", "F", "R", "S", "I", "E"];

const FORMAT = 1;

/** More than the blocks that are kept, so that a block's place is its number modulo this. */
const ROOM = 2304;

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** Unsigned LEB128; generations have more bits than the bit operators. */
  number() {
    let value = 0;
    let scale = 1;
    for (;;) {
      const read = this.bytes[this.at++];
      value += (read & 0x7f) * scale;
      if (read < 0x80) {
        return value;
      }
      scale *= 128;
    }
  }

  format() {
    const format = this.number();
    if (format !== FORMAT) {
      throw new Error(`This page reads format ${FORMAT} of the heat map, the replica sends ${format}: load the page again`);
    }
  }
}

export class Cells {
  constructor(bytes) {
    const reader = new Reader(bytes);
    reader.format();
    this.generation = reader.number();
    this.first = reader.number();
    this.length = reader.number();
    const rows = reader.number();
    this.miners = new Array(rows);
    this.rowOf = new Map();
    this.parts = new Uint8Array(rows * ROOM);
    const text = new TextDecoder();
    for (let row = 0; row < rows; row++) {
      const keyLength = reader.number();
      const miner = text.decode(bytes.subarray(reader.at, reader.at + keyLength));
      reader.at += keyLength;
      this.miners[row] = miner;
      this.rowOf.set(miner, row);
      const end = reader.number() + reader.at;
      let block = this.first;
      while (reader.at < end) {
        const run = reader.number();
        this.#fill(row, block, run >>> 3, run & 7);
        block += run >>> 3;
      }
    }
  }

  get rows() {
    return this.miners.length;
  }

  /** The block after the last. */
  get end() {
    return this.first + this.length;
  }

  part(row, block) {
    return block >= this.first && block < this.end ? this.parts[row * ROOM + (block % ROOM)] : 0;
  }

  /** How many blocks of a row are what. */
  counts(row) {
    const counts = [0, 0, 0, 0, 0, 0];
    for (let block = this.first; block < this.end; block++) {
      counts[this.parts[row * ROOM + (block % ROOM)]]++;
    }
    return counts;
  }

  /** The runs of a row: [first block, last block, part]. */
  runs(row) {
    const runs = [];
    for (let block = this.first; block < this.end; block++) {
      const part = this.part(row, block);
      const last = runs.at(-1);
      if (last && last[2] === part) {
        last[1] = block;
      } else {
        runs.push([block, block, part]);
      }
    }
    return runs;
  }

  /** False if the changes do not follow on what is here, so that the whole has to be read. */
  apply(bytes) {
    const reader = new Reader(bytes);
    reader.format();
    const from = reader.number();
    const to = reader.number();
    if (to <= this.generation) {
      return true;
    }
    if (from !== this.generation) {
      return false;
    }
    this.generation = to;
    this.#moveTo(reader.number(), reader.number());
    for (let groups = reader.number(); groups > 0; groups--) {
      const patches = [];
      let block = this.first;
      for (let left = reader.number(); left > 0; left--) {
        block += reader.number();
        const run = reader.number();
        patches.push([block, run >>> 3, run & 7]);
        block += run >>> 3;
      }
      let row = 0;
      for (let spans = reader.number(); spans > 0; spans--) {
        row += reader.number();
        for (let left = reader.number(); left > 0; left--, row++) {
          patches.forEach(([start, length, part]) => this.#fill(row, start, length, part));
        }
      }
    }
    return true;
  }

  #moveTo(first, length) {
    const end = first + length;
    if (this.length === 0 || first >= this.end || end <= this.first) {
      this.parts.fill(0);
    } else {
      for (let row = 0; row < this.rows; row++) {
        this.#fill(row, first, Math.max(0, this.first - first), 0);
        this.#fill(row, this.end, Math.max(0, end - this.end), 0);
      }
    }
    this.first = first;
    this.length = length;
  }

  #fill(row, block, length, part) {
    const start = row * ROOM;
    const at = block % ROOM;
    const straight = Math.min(length, ROOM - at);
    this.parts.fill(part, start + at, start + at + straight);
    this.parts.fill(part, start, start + length - straight);
  }
}
