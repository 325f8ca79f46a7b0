/** Why a filter cannot be used: which part of it is wrong and what to do. Its text names the part itself. */
export class FilterError extends Error {
  override readonly name = "FilterError";
}

/** Adds to a {@linkcode FilterError} which part of the filter it is about, and that part itself. */
export function within<T>(where: string, compile: () => T, source?: string): T {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const received = source === undefined ? "" : `: received ${source}`;
    throw new FilterError(`${where}: ${error.message}${received}`);
  }
}
