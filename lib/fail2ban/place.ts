/** Where something stands in the configuration. */
export interface Place {
  readonly file: string;
  /** Counted from 1; 0 for the file as a whole. */
  readonly line: number;
}

/** An option's text and where it was written. */
export interface Value {
  readonly text: string;
  readonly place: Place;
  /** The file's line of each line of the text; absent: all of it stands at `place`. */
  readonly lines?: readonly number[];
  /** What an earlier file said: `%(known/NAME)s` stands for it. */
  readonly before?: Value;
}

/** The configuration cannot be read or understood. The message says why and what to do, the place says where. */
export class ConfError extends Error {
  override readonly name = "ConfError";
  readonly place: Place;
  readonly why: string;

  constructor(place: Place, why: string) {
    super(`${formatPlace(place)}: ${why}`);
    this.place = place;
    this.why = why;
  }
}

/** A place as compilers write it: `FILE:LINE`. */
export function formatPlace({ file, line }: Place): string {
  return line === 0 ? file : `${file}:${line}`;
}
