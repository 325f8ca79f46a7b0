// The search over the table of bans. Without scripts the page says all that it says with them.
const box = document.querySelector("#search");
const found = document.querySelector("#found");

function search() {
  const wanted = box.value.trim().toLowerCase();
  const rows = document.querySelectorAll("#bans tr");
  let shown = 0;
  for (const row of rows) {
    row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
    if (!row.hidden) shown++;
  }
  found.textContent = wanted === "" ? "" : `${shown} of ${rows.length}`;
}

if (box !== null) {
  box.closest(".search").hidden = false;
  box.addEventListener("input", search);
  search();
}
