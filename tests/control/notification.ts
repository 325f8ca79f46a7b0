/** Whether a line may be a notification by JSON-RPC 2.0, which is not answered. */
export function mayBeNotification(line: string): boolean {
  try {
    const message = JSON.parse(line);
    return message.jsonrpc === "2.0" && message.id === undefined;
  } catch {
    return false;
  }
}
