/** Times and spans as a report says them, in this machine's zone. In milliseconds since the epoch. */

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** As `Mon 16 Nov`. */
export function dayName(time: number): string {
  const date = new Date(time);
  return `${DAYS[date.getDay()]!} ${date.getDate()} ${MONTHS[date.getMonth()]!}`;
}

/** As `16 Nov 2026`. */
export function dateName(time: number): string {
  const date = new Date(time);
  return `${date.getDate()} ${MONTHS[date.getMonth()]!} ${date.getFullYear()}`;
}

/** As `09:00`. */
export function clockTime(time: number): string {
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** As `Mon 16 Nov, 09:00`. */
export function dayAndTime(time: number): string {
  return `${dayName(time)}, ${clockTime(time)}`;
}

/** A span of round length, as `3 hours`. */
export function spanName(span: number): string {
  const [name, length] = UNITS.find(([, length]) => span >= length) ?? UNITS.at(-1)!;
  const number = Math.max(1, Math.round(span / length));
  return `${number} ${name}${number === 1 ? "" : "s"}`;
}

const UNITS = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], [
  "second",
  1000,
]] as const;
