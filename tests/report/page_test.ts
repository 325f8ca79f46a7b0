import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { printable } from "../../lib/printable.ts";
import type { PastBan } from "../../lib/report/past.ts";
import { renderPage, summarise } from "../../lib/report/mod.ts";
import { Browser, chromium } from "../chromium.ts";
import { testAsRoot } from "../root.ts";
import { anyText } from "../any_text.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-23T21:40:00Z");
const needs = { programs: [chromium] };

function ban(rest: Partial<PastBan>): PastBan {
  return {
    jail: "sshd",
    host: "192.0.2.7",
    since: NOW - HOUR,
    until: NOW + HOUR,
    failures: 5,
    bans: 1,
    isManual: false,
    names: ["root"],
    line: "Failed password for root from 192.0.2.7 port 4 ssh2",
    ...rest,
  };
}

/** Puts a page into a folder that is gone with `await using`. */
async function write(bans: readonly PastBan[]) {
  const folder = await Deno.makeTempDir({ prefix: "banjo-page-" });
  const page = await renderPage(summarise(bans, NOW - 7 * 24 * HOUR, NOW), {
    server: "<b>",
    version: "1",
  });
  await Deno.writeTextFile(`${folder}/page.html`, page.text);
  return {
    url: `file://${folder}/page.html`,
    page,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** What attackers have tried elsewhere, and what a template could forget. */
const HOSTILE = [
  "<script>document.title = 'taken'</script>",
  '"><img src=x onerror="document.title = \'taken\'">',
  "' autofocus onfocus=document.title='taken' x='",
  "</title></style></script><svg onload=document.title='taken'>",
  "javascript:document.title='taken'",
  "&lt;script&gt;&#60;&#x3c;",
  "<!-- --!> <![CDATA[ ]]>",
  "\u202egnp.exe\u0000\u001b[31m\u2028",
  "${document.title='taken'}",
];

testAsRoot(
  "in Chromium hostile names, ids and lines are text: nothing runs or loads",
  needs,
  async () => {
    const random = fc.sample(anyText({ minLength: 1, maxLength: 40 }), {
      numRuns: 300,
      seed: 6,
    });
    const texts = [...HOSTILE, ...HOSTILE, ...random];
    const bans = texts.map((text, index) =>
      ban({ host: `id:${text}`, jail: text, names: [text], line: text, since: NOW - HOUR + index })
    );
    await using file = await write(bans);
    await using browser = await Browser.start();
    await browser.open(file.url);
    assertEquals(
      await browser.evaluate("document.title"),
      "banjo on <b>, 16 Nov 2026 to 23 Nov 2026",
    );
    assertEquals(
      await browser.evaluate(
        "document.querySelectorAll('script, style, img, iframe, object').length",
      ),
      2,
    );
    const shown = (selector: string) =>
      browser.evaluate(
        `Array.from(document.querySelectorAll(${
          JSON.stringify(selector)
        }), (each) => each.textContent)`,
      );
    const expected = texts.map(printable).reverse();
    assertEquals(await shown("#bans .why code"), expected);
    assertEquals(await shown("#bans summary"), expected);
    assertEquals(await shown("#bans .host"), expected.map((text) => `id:${text}`));
    // Nothing but what a template of ours has is an attribute.
    const attributes = await browser.evaluate(
      "[...new Set([...document.querySelectorAll('*')].flatMap((each) => each.getAttributeNames()))]",
    );
    assertEquals(attributes.filter((name: string) => /^on|^style$/.test(name)), []);
    assertEquals(browser.complaints, []);
  },
);

testAsRoot(
  "in Chromium the page's policy lets no other script, style or connection in",
  needs,
  async () => {
    await using file = await write([ban({})]);
    await using browser = await Browser.start();
    await browser.open(file.url);
    await browser.evaluate(`new Promise((resolve) => {
    window.refused = [];
    addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
      refused.push(effectiveDirective);
    });
    const script = document.createElement("script");
    script.textContent = "document.title = 'taken'";
    document.body.append(script);
    document.body.setAttribute("style", "color: red");
    const image = new Image();
    image.src = "http://127.0.0.1:9/x.png";
    document.body.insertAdjacentHTML("beforeend", "<b onclick='1'></b><iframe src='http://127.0.0.1:9'></iframe>");
    fetch("http://127.0.0.1:9").catch(() => {});
    setTimeout(resolve, 0);
  })`);
    const wanted = ["script-src-elem", "style-src-attr", "img-src", "frame-src", "connect-src"];
    await browser.waitFor(`${JSON.stringify(wanted)}.every((each) => refused.includes(each))`);
    assertEquals((await browser.evaluate("document.title")).includes("taken"), false);
  },
);

testAsRoot(
  "in Chromium the page is fit for screen readers, phones and the dark",
  needs,
  async () => {
    const bans = Array.from({ length: 24 }, (_, index) =>
      ban({
        host: index % 3 === 0
          ? "192.0.2.7"
          : index % 3 === 1
          ? `2001:db8:${index}:ab::/64`
          : `198.51.100.${index}`,
        jail: ["sshd", "nginx-404", "a", "b", "c", "d", "e", "f"][index % 8]!,
        since: NOW - (24 - index) * 5 * HOUR,
        until: NOW - (20 - index) * 5 * HOUR,
        names: index % 2 === 0 ? ["root", "x".repeat(64)] : [],
      }));
    await using file = await write(bans);
    await using browser = await Browser.start();
    const views = [[360, "dark"], [800, "light"], [1440, "light"]] as const;
    for (const [width, scheme] of views) {
      await browser.show({ width, scheme });
      await browser.open(file.url);
      assert(await browser.evaluate("document.documentElement.scrollWidth") <= width, `${width}`);
      await browser.evaluate(
        "document.querySelectorAll('details').forEach((each) => each.open = true)",
      );
      assert(await browser.evaluate("document.documentElement.scrollWidth") <= width, `${width}`);
      assertEquals(await browser.findBarriers(), [], `${width} ${scheme}`);
    }
  },
);

testAsRoot("in Chromium the search narrows the table, and says to how much", needs, async () => {
  const bans = [
    ban({}),
    ban({ host: "198.51.100.3", names: ["Eve"] }),
    ban({ host: "198.51.100.4" }),
  ];
  await using file = await write(bans);
  await using browser = await Browser.start();
  await browser.open(file.url);
  // On a phone rows are laid out in another way.
  await browser.show({ width: 360 });
  const search = async (text: string) => {
    await browser.evaluate(`{
      const box = document.querySelector("#search");
      box.value = ${JSON.stringify(text)};
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }`);
    const shown =
      "[...document.querySelectorAll('#bans tr')].filter((row) => row.checkVisibility())";
    return await browser.evaluate(
      `[${shown}.map((row) => row.querySelector(".host").textContent), document.querySelector("#found").textContent]`,
    );
  };
  assertEquals(await search("eve"), [["198.51.100.3"], "1 of 3"]);
  assertEquals(await search("198.51"), [["198.51.100.4", "198.51.100.3"], "2 of 3"]);
  assertEquals(await search(""), [["198.51.100.4", "198.51.100.3", "192.0.2.7"], ""]);
});

testAsRoot(
  "in Chromium a print has the names that were tried, and no controls",
  needs,
  async () => {
    await using file = await write([ban({ names: ["root", "admin"] })]);
    await using browser = await Browser.start();
    await browser.show({ width: 800, medium: "print" });
    await browser.open(file.url);
    const isShown = (selector: string) =>
      browser.evaluate(`document.querySelector(${JSON.stringify(selector)}).checkVisibility()`);
    assertEquals(await isShown("#bans summary"), true);
    assertEquals(await isShown("#search"), false);
  },
);

Deno.test("without scripts the page has all it has to say, and offers no search", async () => {
  const { text } = await renderPage(summarise([ban({})], NOW - 7 * 24 * HOUR, NOW), {
    server: "s",
    version: "1",
  });
  assert(text.includes("Failed password for root from 192.0.2.7"));
  assert(/<div class="search"\s+hidden>/.test(text));
});

Deno.test("a time without bans is a page that says so", async () => {
  const { text } = await renderPage(summarise([], NOW - HOUR, NOW), { server: "s", version: "1" });
  assert(text.includes("Nobody was banned in this time."));
});
