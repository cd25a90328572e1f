// The list of deals: what the words find, a hundred lines at a time, and all of them as CSV.
"use strict";

(() => {
  const STEP = 100;
  const words = document.getElementById("words"), status = document.getElementById("status"), body = document.querySelector("#deals tbody");
  const told = document.getElementById("told"), more = document.getElementById("more");
  let found = [], shown = 0;

  const anchor = (address, text) => atlas.element("a", { href: atlas.up + address }, text);
  function line(deal) {
    const one = atlas.search.tell(deal);
    return atlas.element("tr", {},
      atlas.element("td", {}, anchor(`country/${one.supplier.page}.html`, one.supplier.name), one.isInferred ? [" ", atlas.element("abbr", { title: "No sentence names the supplier: it follows from the maker or the context" }, "inferred")] : null), atlas.element("td", {}, anchor(`country/${one.recipient.page}.html`, one.recipient.name)),
      atlas.element("td", { class: "long" }, anchor(`deal/index.html#${one.key}`, one.weapon.name)), atlas.element("td", {}, atlas.element("span", { class: `status ${one.status}` }, one.status)),
      atlas.element("td", { class: "number" }, one.year ? `${one.isEstimate ? "≈ " : ""}${one.year}` : ""),
      atlas.element("td", { class: "reports" }, `${one.sources} source${one.sources === 1 ? "" : "s"}`, one.hasConflict ? [" ", atlas.element("span", { class: "conflict", title: "The deal's page tells on what" }, "conflict")] : null));
  }

  function showMore() {
    body.append(...found.slice(shown, shown + STEP).map(line));
    shown = Math.min(shown + STEP, found.length);
    more.hidden = shown >= found.length;
    more.textContent = `Show ${Math.min(STEP, found.length - shown)} more`;
  }

  async function update() {
    await atlas.search.ready();
    ({ found } = atlas.search.findDeals(atlas.search.parse(words.value), { status: Number(status.value) }));
    shown = 0;
    body.replaceChildren();
    told.textContent = found.length === 0 ? "No deal has all of this. Try fewer words." : `${atlas.count(found.length)} deal${found.length === 1 ? "" : "s"}, newest first`;
    showMore();
  }

  // after "#" from this site's scripts; after "?" from the search box of a page whose scripts weren't there yet
  const asked = () => [location.hash, location.search].map((part) => new URLSearchParams(part.slice(1)).get("q")).find((text) => text !== null);
  const read = () => { words.value = asked() ?? ""; update(); };
  words.addEventListener("input", () => { history.replaceState(null, "", `#q=${encodeURIComponent(words.value)}`); update(); });
  status.addEventListener("change", update);
  more.addEventListener("click", showMore);
  document.getElementById("finder").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("save").addEventListener("click", () => {
    const rows = found.map((deal) => {
      const one = atlas.search.tell(deal);
      return { deal_key_begins: one.key, supplier: one.supplier.name, recipient: one.recipient.name, weapon_designation: one.weapon.name, weapon_family: one.weapon.family, deal_status: one.status, order_year: one.year, order_year_is_estimate: one.isEstimate, supplier_is_inferred: one.isInferred, has_conflict: one.hasConflict, source_count: one.sources };
    });
    atlas.save("deals.csv", atlas.csv(rows));
  });
  addEventListener("hashchange", read);
  read();
})();
