/** Whether a text is a host name, and nothing else: it may go to a command line (RFC 1123). */
export function isHostName(text: string): boolean {
  return text.length <= 253 && HOST_NAME.test(text);
}

const HOST_NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\.?$/i;
