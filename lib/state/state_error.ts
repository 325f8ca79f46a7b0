/** The state cannot be read or written. What was on the disk before is still there, whole. */
export class StateError extends Error {
  override readonly name = "StateError";
}
