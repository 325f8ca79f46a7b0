/** A message in the form that each kind of destination wants. Pure. */
import type { Destination } from "../config/mod.ts";
import type { Message } from "./message.ts";

/** A destination with its secrets read. */
export interface Address {
  readonly kind: Exclude<Destination["kind"], "mail">;
  readonly url: string;
  readonly token: string | undefined;
  readonly chat: string | undefined;
}

/** What is posted. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Beyond these, in characters, Discord, Telegram and ntfy refuse a message or make a file of it. */
const LONGEST = { discord: 1800, telegram: 4000, ntfy: 3500, slack: 30_000 } as const;

/** The version of what a webhook gets: keys are added, none is taken away. */
const WEBHOOK_VERSION = 1;

/** What to post for a message. */
export function postFor({ kind, url, token, chat }: Address, message: Message): Post {
  const { server, title, text, isUrgent, digest } = message;
  // Where one thing happened, the title has all of it.
  const whole = title === `${server}: ${text}` ? title : `${title}\n${text}`;
  const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
  switch (kind) {
    case "webhook":
      return json(url, bearer, { version: WEBHOOK_VERSION, server, title, text, ...digest });
    case "ntfy": {
      // As JSON, which goes to the server's root: what is in it cannot become a header.
      const { origin, pathname } = new URL(url);
      const at = pathname.replace(/\/+$/, "").lastIndexOf("/");
      const topic = decodeURIComponent(pathname.replace(/\/+$/, "").slice(at + 1));
      const priority = isUrgent ? 4 : 3;
      const body = { topic, title, message: cut(text, LONGEST.ntfy), priority };
      return json(`${origin}${pathname.slice(0, at + 1)}`, bearer, body);
    }
    case "slack": {
      // https://docs.slack.dev/messaging/formatting-message-text: these three make links and mentions.
      const escaped = cut(whole, LONGEST.slack)
        .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
      return json(url, {}, { text: escaped, mrkdwn: false });
    }
    case "discord": {
      const code = cut(whole, LONGEST.discord).replaceAll("`", "'");
      return json(url, {}, {
        content: `\`\`\`\n${code}\n\`\`\``,
        allowed_mentions: { parse: [] },
      });
    }
    case "telegram":
      // Without parse_mode nothing in it is markup.
      return json(`${url.replace(/\/+$/, "")}/bot${token}/sendMessage`, {}, {
        chat_id: chat,
        text: cut(whole, LONGEST.telegram),
        link_preview_options: { is_disabled: true },
      });
    case "gotify":
      return json(`${url.replace(/\/+$/, "")}/message`, { "x-gotify-key": token! }, {
        title,
        message: text,
        priority: isUrgent ? 8 : 4,
      });
  }
}

function json(url: string, headers: Readonly<Record<string, string>>, body: unknown): Post {
  return {
    url,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

/** Cut at the end of a line where that is near. */
function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const start = text.slice(0, longest);
  const end = start.lastIndexOf("\n");
  return `${end > longest / 2 ? start.slice(0, end) : start}\n...`;
}
