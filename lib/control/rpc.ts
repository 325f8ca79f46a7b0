/** JSON-RPC 2.0 on the agent's side: a line in, the line that answers it out. */
import * as v from "valibot";
import { errorCodes, RpcError } from "./protocol.ts";

/** What each method takes; anything else is refused before its handler sees it. */
export type Parameters<Name extends string> = Readonly<Record<Name, v.GenericSchema>>;

/** What answers each method's parameters once they are checked. */
export type Answers<Name extends string> = Readonly<Record<Name, (params: never) => unknown>>;

const request = v.object({
  // Clients of a few lines may leave it out.
  jsonrpc: v.optional(v.literal("2.0")),
  id: v.optional(v.union([v.string(), v.number(), v.null()])),
  method: v.string(),
  params: v.optional(v.record(v.string(), v.unknown())),
});

/** The reply to one request line; undefined where it is a notification, which wants none. */
export async function answer<Name extends string>(
  line: string,
  parameters: Parameters<Name>,
  answers: Answers<Name>,
): Promise<string | undefined> {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return failure(null, errorCodes.parse, "Cannot read the request: it is not JSON");
  }
  const parsed = v.safeParse(request, message);
  if (!parsed.success) {
    return failure(null, errorCodes.request, "Cannot read the request: it is not JSON-RPC 2.0");
  }
  const { jsonrpc, id } = parsed.output;
  const reply = await carryOut(parsed.output, parameters, answers);
  // https://www.jsonrpc.org/specification#notification. Without `jsonrpc` it is our own short form, which is answered.
  return jsonrpc !== undefined && id === undefined ? undefined : reply;
}

async function carryOut<Name extends string>(
  { id = null, method, params = {} }: v.InferOutput<typeof request>,
  parameters: Parameters<Name>,
  answers: Answers<Name>,
): Promise<string> {
  if (!Object.hasOwn(parameters, method)) {
    return failure(id, errorCodes.method, `Cannot call ${JSON.stringify(method)}: no such method`);
  }
  const name = method as Name;
  const checked = v.safeParse(parameters[name], params);
  if (!checked.success) {
    const issue = checked.issues[0];
    return failure(id, errorCodes.params, `Cannot call ${name}: ${issue.message}`);
  }
  try {
    const result = (answers[name] as (params: unknown) => unknown)(checked.output);
    // What is there at once becomes text at once: those of many clients would else stand in memory beside each other.
    return JSON.stringify({
      jsonrpc: "2.0",
      id,
      result: result instanceof Promise ? await result : result,
    });
  } catch (error) {
    if (error instanceof RpcError) return failure(id, error.code, error.message);
    return failure(id, errorCodes.internal, error instanceof Error ? error.message : String(error));
  }
}

/** The reply to a request that cannot be read. */
export function failure(id: string | number | null, code: number, message: string): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } });
}
