// Keeps the page up with the server: what has changed is replaced, and nothing under the reader's hands.
// `search` is the report's own script's.

const REST = 5_000;
const PARTS = [
  "period",
  "health",
  "alarms",
  "cut",
  "totals",
  "over-time",
  "networks",
  "names",
  "hours",
  "jails",
  "offenders",
  "jails-now",
  "bans",
];
const state = document.querySelector("#state");
let tag = "";

async function refresh() {
  try {
    const response = await fetch("/", { headers: { "If-None-Match": tag } });
    if (response.status === 200) {
      tag = response.headers.get("ETag");
      renew(new DOMParser().parseFromString(await response.text(), "text/html"));
    } else if (response.status !== 304) throw new Error("it does not answer");
    say("soft", "· live");
  } catch {
    say("bad", "· no answer: what you see is old");
  }
}

function say(kind, words) {
  if (state.textContent === words) return;
  state.className = kind;
  state.textContent = words;
}

function renew(fresh) {
  const isWhole = (page) => page.querySelector("#bans") !== null;
  // With the first ban the page has other sections.
  if (isWhole(fresh) !== isWhole(document)) return location.reload();
  for (const id of PARTS) {
    const [before, after] = [document.getElementById(id), fresh.getElementById(id)];
    // Where nobody was banned there are few of them.
    if (before === null || after === null || before.outerHTML === after.outerHTML) continue;
    const isInUse = before.contains(document.activeElement) ||
      before.querySelector("details[open]") !== null;
    if (!isInUse) before.replaceWith(after);
  }
  if (document.querySelector("#search") !== null) search();
}

async function repeat() {
  if (!document.hidden) await refresh();
  setTimeout(repeat, REST);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
repeat();

const form = document.querySelector("#unban");

// What comes of it is told in the section that holds the token, and beside the button in a row far below it.
async function unban(host, ...besides) {
  const places = [document.querySelector("#unbanned"), ...besides];
  const tell = (words) => places.forEach((place) => place.textContent = words);
  tell("…");
  try {
    const response = await fetch("/unban", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-Banjo-Token": document.querySelector("#token").value,
      },
      body: JSON.stringify({ host }),
    });
    tell(await response.text());
    if (response.ok) refresh();
  } catch {
    tell("The dashboard does not answer.");
  }
}

if (form !== null) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    unban(document.querySelector("#host").value.trim());
  });
  // The buttons in the table wait for a token.
  document.querySelector("#token").addEventListener("input", ({ target }) => {
    document.body.classList.toggle("armed", target.value !== "");
  });
  document.addEventListener("click", ({ target }) => {
    if (target.matches("button.unban")) unban(target.value, target.nextElementSibling);
  });
  form.hidden = false;
}
