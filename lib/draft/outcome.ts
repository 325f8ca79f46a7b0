/** The words by which services say how an attempt came out. */

/** What lines of a shape say, as far as their words tell. */
export type Verdict = "failure" | "success" | "unclear";

const FAILURE =
  /fail|invalid|denied|refus|reject|wrong|incorrect|unauthori[sz]|unauthenticated|forbidden|unsuccess|disallow|mismatch|bad[ _-]?(?:pass|cred|auth|login|token|user)|not[ _-]?(?:allowed|permitted|authori)|no[ _-]such[ _-]user|illegal|brute|abuse|attack/i;
const SUCCESS =
  /\baccepted\b|success|succeeded|logged[ _-]?in|granted|welcome|\bauthenticated\b|\bauthori[sz]ed\b|login[ _-]ok|\bok\b/i;
/** Of HTTP (RFC 9110, 15): who asks for these is not meant to have them. */
const FAILURE_STATUS = /^(?:401|403|404|407|429)$/;
const SUCCESS_STATUS = /^[23]\d\d$/;

/** Whether a word belongs to what happened, and not to whom: it is never one of many that may stand in its place. */
export function isTelling(word: string): boolean {
  return FAILURE.test(word) || SUCCESS.test(word) || FIXED.has(word.toLowerCase());
}

/** What the words and the HTTP status of a shape say. A failure's word outweighs: "not authenticated successfully". */
export function verdictOf(words: string, status: string | undefined): Verdict {
  if (status !== undefined) {
    if (FAILURE_STATUS.test(status)) return "failure";
    if (SUCCESS_STATUS.test(status)) return "success";
  }
  if (FAILURE.test(words)) return "failure";
  return SUCCESS.test(words) ? "success" : "unclear";
}

/** Words of grammar, events and levels, which services do not let users choose. */
const FIXED: ReadonlySet<string> = new Set(
  ("a an and as at by for from has in into is it its no not of off on or out the to until via was with " +
    "closed connect connected connection disconnect disconnected end ended lost new open opened received start " +
    "started stop stopped timeout attempt attempts auth authenticating authentication login logout password user username account " +
    "session token request method client host rhost port address ip remote peer error warning warn info notice debug " +
    "critical fatal get post put head delete options patch").split(" "),
);
