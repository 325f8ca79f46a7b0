import { SIEVE } from "./sieve_code.ts";

/** Lines that some filters want: as {@linkcode FoundLines}, but for the text, which stands here as bytes. */
export interface SiftedBytes {
  readonly places: Uint32Array;
  /** Only good until the next call. */
  readonly lines: Uint8Array;
}

/**
 * Finds the lines of a block that have one of the texts which `layOut` laid out; `all` has the bits of all the filters
 * that they are of.
 */
export function siftBytes(block: Uint8Array, texts: Uint8Array, all: number): SiftedBytes {
  const { sift, memory } = module ??= new Module();
  const { input, output, table } = memory.load(block, texts);
  const count = sift(input, input + block.length, all, output, table);
  const places = new Uint32Array(memory.buffer, table, 3 * count).slice();
  let length = 0;
  for (let i = 0; i < places.length; i += 3) length += places[i + 1]! - places[i]!;
  return { places, lines: new Uint8Array(memory.buffer, output, length) };
}

/** How many lines end in some bytes. */
export function countLines(bytes: Uint8Array): number {
  const { count, memory } = module ??= new Module();
  const { input } = memory.load(bytes, NONE);
  return count(input, input + bytes.length);
}

/** Not made before it is needed: an agent that reads only the journal does without. */
let module: Module | undefined;

class Module {
  readonly memory = new ModuleMemory();
  readonly sift: (start: number, end: number, all: number, out: number, table: number) => number;
  readonly count: (start: number, end: number) => number;

  constructor() {
    const module = new WebAssembly.Module(Uint8Array.fromBase64(SIEVE));
    const { memory } = this.memory;
    const { sift, count } = new WebAssembly.Instance(module, { env: { memory } }).exports;
    this.sift = sift as Module["sift"];
    this.count = count as Module["count"];
  }
}

/** What the module sees: the texts, and behind them the block, room for its lines, and room for their places. */
class ModuleMemory {
  readonly memory = new WebAssembly.Memory({ initial: 1 });
  #bytes = new Uint8Array(this.memory.buffer);
  #texts: Uint8Array = NONE;

  get buffer(): ArrayBufferLike {
    return this.memory.buffer;
  }

  /** Puts a block and the texts there. Returns where the parts begin. */
  load(block: Uint8Array, texts: Uint8Array) {
    const input = texts.length + MARGIN;
    const output = input + block.length + MARGIN;
    // A line has at least three bytes: a text of two, and its end.
    const table = Math.ceil((output + block.length) / 4) * 4;
    this.#reserve(table + 4 * block.length);
    if (texts !== this.#texts) {
      this.#bytes.set(texts);
      this.#texts = texts;
    }
    this.#bytes[input - 1] = NEWLINE;
    this.#bytes.set(block, input);
    this.#bytes[input + block.length] = NEWLINE;
    return { input, output, table };
  }

  #reserve(length: number): void {
    const missing = Math.ceil((length - this.#bytes.length) / PAGE);
    if (missing <= 0) return;
    this.memory.grow(missing);
    this.#bytes = new Uint8Array(this.memory.buffer);
  }
}

const NONE = new Uint8Array();
/** So many bytes around the block the module looks at without meaning them, and one more. */
const MARGIN = 48;
/** Of a WebAssembly memory, in bytes. */
const PAGE = 65536;
const NEWLINE = 10;
