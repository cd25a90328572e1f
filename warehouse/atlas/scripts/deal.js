// The page of one deal: its key stands in the address, its file of data is found by the key's first digits.
"use strict";

(() => {
  const setting = JSON.parse(document.getElementById("setting").textContent);
  const HEADER = ["claim_id", "deal_key", "verdict", "field", "value", "reviewer", "reason", "date"];
  const CONFLICTS = ["units differ between reports", "values differ by more than a tenth", "more than one order year is told as certain", "some call it off, others carry it on"];
  const SHOWN = 40;
  const target = document.getElementById("deal"), e = atlas.element.bind(atlas);

  const actor = (code) => {
    const [name, page] = setting.actors[code] ?? [code, null];
    return page ? e("a", { href: `${atlas.up}country/${page}.html` }, name) : name;
  };
  const nameOf = (code) => setting.actors[code]?.[0] ?? code;
  const approximate = (isIt) => (isIt ? "≈ " : "");
  const range = ([least, most], format = atlas.count) =>
    least === null && most === null ? "" : least === null ? `≤ ${format(most)}` : most === null ? `≥ ${format(least)}` : least === most ? format(least) : `${format(least)}–${format(most)}`;
  const money = (value, currency) => (value === null ? "" : `${currency ?? ""} ${value >= 1e9 ? `${atlas.number(value / 1e9)} bn` : `${atlas.number(value / 1e6)} m`}`.trim());
  const years = ([first, last]) => range([first, last], String);
  const percent = (value) => (value === null ? "" : `${Math.round(100 * value)} %`);
  const plural = (count, one, many = `${one}s`) => `${atlas.count(count)} ${count === 1 ? one : many}`;

  function table(name, columns, rows) {
    return e("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": name }, e("table", {},
      e("thead", {}, e("tr", {}, columns.map(([head, kind]) => e("th", { scope: "col", class: kind }, head)))),
      e("tbody", {}, rows.map((row) => e("tr", {}, row.map((cell, number) => e("td", { class: columns[number][1] }, cell)))))));
  }
  const section = (id, title, ...children) => e("section", { "aria-labelledby": id }, e("h2", { id }, title), ...children);
  const tile = (name, value, note) => value ? e("div", {}, e("dt", {}, name), e("dd", {}, value, note ? e("small", {}, note) : null)) : null;

  function facts(deal) {
    const value = deal.usd ?? deal.ceiling;
    return e("dl", { class: "tiles" },
      tile("Status", e("span", { class: `status ${deal.status}` }, deal.status), deal.background ? "told as background" : null),
      tile("Ordered in", deal.order_year ? `${approximate(deal.order_year_is_estimate)}${deal.order_year}` : null, deal.order_year_is_estimate ? "estimate" : null),
      tile("Delivered in", deal.status === "delivered" ? years(deal.delivery) : null, deal.delivery_is_estimate ? "estimate from publication dates" : null),
      tile("Delivery planned", deal.status !== "delivered" ? years(deal.delivery) : null, deal.delivery_is_estimate ? "estimate" : null),
      tile("Units", `${approximate(deal.approximate)}${deal.quantity_ordered !== null && deal.quantity[0] === deal.quantity[1] ? atlas.count(deal.quantity_ordered) : range(deal.quantity)}`.trim() || null, deal.approximate ? "approximate" : null),
      tile("Units delivered", deal.delivered !== null ? atlas.count(deal.delivered) : null, deal.delivered_is_assumed ? "assumed: told as delivered, without a number" : null),
      tile("Value", range(deal.value, (amount) => money(amount, deal.currency)) || null, deal.value_type === "ceiling" ? "a ceiling, not a price" : deal.value_type === "package_share" ? "of a package" : deal.value_type),
      tile("In US dollars", value !== null && deal.currency !== "USD" ? money(value, "USD") : null, "rate of the order year"),
      tile("In dollars of 2024", deal.constant !== null ? money(deal.constant, "USD") : null),
      tile("Condition", deal.condition?.replaceAll("_", " ")),
      tile("Kind", deal.type?.replaceAll("_", " ")),
      tile("Confidence", percent(deal.confidence), "that supplier, recipient and weapon are right"));
  }

  function history(deal) {
    const rows = (deal.statuses ?? []).map((one) => [e("span", { class: `status ${one.status}` }, one.status), one.first, atlas.count(one.claims), e("code", {}, one.release), one.current ? "current" : ""]);
    return section("history", "History of its status", table("History of its status",
      [["Status"], ["First reported", "time"], ["Claims", "number"], ["First in release"], ["Now"]], rows));
  }

  function bySource(deal) {
    const sources = new Map();
    for (const article of deal.articles ?? []) for (const claim of article.claims) {
      const told = { quantity: `${approximate(claim.approximate)}${range(claim.quantity)}`, value: range(claim.value, (amount) => money(amount, claim.currency)), year: claim.order_year ? `${approximate(claim.order_year_is_estimate)}${claim.order_year}` : "", delivered: years(claim.delivered) };
      const key = article.publisher ?? article.source;
      if (!sources.has(key)) sources.set(key, { quantity: new Set(), value: new Set(), year: new Set(), delivered: new Set(), articles: new Set() });
      const known = sources.get(key);
      known.articles.add(article.url);
      for (const [name, words] of Object.entries(told)) if (words.trim()) known[name].add(words);
    }
    const rows = [...sources].map(([name, known]) => [name, atlas.count(known.articles.size), [...known.quantity].join("; "), [...known.value].join("; "), [...known.year].join("; "), [...known.delivered].join("; ")]);
    const conflicts = CONFLICTS.filter((_, number) => deal.conflicts[number]);
    return section("sources", "What each source tells",
      conflicts.length ? e("p", { class: "warning" }, e("strong", {}, "Conflict: "), `${conflicts.join("; ")}.`) : e("p", { class: "note" }, "The reports agree where they tell the same thing."),
      table("What each source tells", [["Source"], ["Articles", "number"], ["Units"], ["Value"], ["Order year"], ["Delivered"]], rows));
  }

  function sentence(article, claim) {
    const marks = [claim.status, claim.inferred ? "supplier inferred" : null, claim.review ? `reviewed: ${claim.review}` : null, `confidence ${percent(claim.confidence)}`].filter(Boolean);
    return e("li", {},
      e("blockquote", { lang: "en", dir: "auto" }, claim.evidence),
      e("p", { class: "note" }, `Read as: ${claim.supplier || "supplier not named"} → ${claim.recipient || "recipient not named"}, ${claim.weapon ?? "weapon not named"}; ${marks.join("; ")}${claim.field === "title" ? "; in the title" : ""}. `,
        e("button", { type: "button", class: "linklike", "data-claim": claim.id }, "Report an error", e("span", { class: "sr" }, ` in claim ${claim.id}`))));
  }

  function evidence(deal) {
    const articles = deal.articles ?? [];
    const entry = (article) => e("article", { class: "report" },
      e("h3", { dir: "auto" }, atlas.outside(article.url, article.title || article.url)),
      e("p", { class: "note" }, `${article.publisher ?? article.source}, ${article.published}${article.reprint ? "; repeats an earlier text" : ""}`),
      e("ul", {}, article.claims.map((claim) => sentence(article, claim))));
    const list = e("div", {}, articles.slice(0, SHOWN).map(entry));
    const more = articles.length > SHOWN ? e("button", { type: "button", class: "quiet" }, `Show the other ${atlas.count(articles.length - SHOWN)} articles`) : null;
    more?.addEventListener("click", () => { list.append(...articles.slice(SHOWN).map(entry)); more.remove(); });
    return section("evidence", "The sentences behind it", list, more ?? "");
  }

  function register(deal) {
    if (!deal.register?.length) return null;
    const rows = deal.register.map((one) => [one.register.toUpperCase(), one.edition, one.weapon, one.quantity === null ? "" : atlas.count(one.quantity), one.order_year ? String(one.order_year) : "", one.tiv === null ? "" : atlas.number(one.tiv)]);
    return section("register", [e("span", { class: "evidence register" }, "Register"), " The same deal there"],
      e("p", { class: "note" }, "Matched by supplier, recipient, weapon and year. TIV is a volume of transfers, not a price."),
      table("The same deal in the register", [["Register"], ["Edition"], ["Weapon"], ["Units", "number"], ["Ordered", "number"], ["TIV, millions", "number"]], rows));
  }

  function show(key, deal) {
    const page = setting.weapons[deal.family];
    const title = `${nameOf(deal.supplier)} → ${nameOf(deal.recipient)}: ${deal.weapon ?? deal.family ?? "weapon not named"}`;
    const pair = `${atlas.up}pair/${setting.actors[deal.supplier]?.[1]}__${setting.actors[deal.recipient]?.[1]}.html`;
    document.title = `${title} · Armsledger atlas`;
    target.replaceChildren(...[
      e("p", { class: "kicker" }, e("a", { href: "../deals/index.html" }, "Deals"), " / ", e("a", { href: pair }, `${nameOf(deal.supplier)} to ${nameOf(deal.recipient)}`)),
      e("h1", {}, title),
      e("p", { class: "lead" }, `${deal.category}. Supplier: `, actor(deal.supplier), deal.inferred ? e("abbr", { title: "No sentence names the supplier: it follows from the maker or the context" }, " (inferred)") : "",
        ". Recipient: ", actor(deal.recipient), ". Weapon: ", page ? e("a", { href: `${atlas.up}weapon/${page}.html` }, deal.family) : deal.family ?? "not named",
        `. As reported in ${plural(deal.sources, "source")}, ${plural(deal.reports, "article")}${deal.independent < deal.sources ? `; ${plural(deal.independent, "source")} after reprints` : ""}. First in release `, e("code", {}, deal.release), "."),
      deal.package ? e("p", { class: "note" }, deal.lead ? "Part of a package: the value is the package's, and is counted once, here." : "Part of a package: its value is counted on another deal of the package.") : null,
      facts(deal), history(deal), bySource(deal), register(deal), evidence(deal),
      e("details", { class: "query" }, e("summary", {}, "SQL"), e("pre", { tabindex: "0" }, e("code", {}, `select * from marts.fct_deals where deal_key = '${key}';\nselect claims.*, articles.title, articles.url\nfrom marts.fct_transfer_claims as claims\ninner join marts.dim_articles as articles on claims.article_key = articles.article_key\nwhere claims.deal_key = '${key}'\norder by articles.published_at;`))),
    ].filter(Boolean));
    offerReview(key, deal);
  }

  // --- a line for reviews.csv
  const form = document.getElementById("review"), line = document.getElementById("line"), missing = document.getElementById("missing");
  let current = null;

  function offerReview(key, deal) {
    current = key;
    const claims = (deal.articles ?? []).flatMap((article) => article.claims.map((claim) => [claim.id, `${article.publisher ?? article.source}, ${article.published}: ${claim.evidence.slice(0, 60)}…`]));
    form.elements.about.replaceChildren(e("option", { value: "" }, "the whole deal"), ...claims.map(([id, words]) => e("option", { value: id }, `claim ${id}: ${words}`)));
    document.getElementById("report").hidden = false;
    writeLine();
  }

  function review() {
    const value = (name) => form.elements[name].value.trim();
    const isCorrection = value("verdict") === "correct";
    const today = new Date().toISOString().slice(0, 10);
    // a line that names both is about the claim; the deal is a note
    return [value("about"), current, value("verdict"), isCorrection ? value("field") : "", isCorrection ? value("value") : "", value("reviewer"), value("reason"), today];
  }
  function writeLine() {
    const cells = review();
    form.querySelectorAll(".correct").forEach((label) => { label.hidden = form.elements.verdict.value !== "correct"; });
    line.textContent = `${HEADER.join(",")}\n${cells.map(atlas.quote).join(",")}`;
    const lacking = [cells[5] ? null : "your name", cells[6] ? null : "the reason", cells[2] === "correct" && !cells[4] ? "the right value" : null].filter(Boolean);
    missing.textContent = lacking.length ? `Still missing: ${lacking.join(", ")}.` : "";
  }
  form.addEventListener("input", writeLine);
  form.addEventListener("change", writeLine);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("copy").addEventListener("click", async () => {
    const text = review().map(atlas.quote).join(",");
    try { await navigator.clipboard.writeText(text); missing.textContent = "Copied."; } catch { getSelection().selectAllChildren(line); missing.textContent = "Marked: copy it with the keyboard."; }
  });
  document.getElementById("save-line").addEventListener("click", () => atlas.save("reviews.csv", `${line.textContent}\n`));
  target.addEventListener("click", (event) => {
    const claim = event.target.closest("[data-claim]")?.dataset.claim;
    if (!claim) return;
    form.elements.about.value = claim;
    writeLine();
    document.getElementById("report").scrollIntoView();
    form.elements.verdict.focus({ preventScroll: true });
  });

  async function open() {
    const asked = decodeURIComponent(location.hash.slice(1)).toLowerCase();
    document.getElementById("report").hidden = true;
    if (!/^[0-9a-f]{8,32}$/.test(asked)) {
      target.replaceChildren(e("h1", {}, "Which deal?"), e("p", {}, "This address names none. ", e("a", { href: "../deals/index.html" }, "Find one"), "."));
      return;
    }
    try {
      await atlas.load(`data/deals/${setting.digits ? asked.slice(0, setting.digits) : "all"}.js`);
    } catch { /* no deal begins like this: told below */ }
    const key = Object.keys(atlas.deals ?? {}).find((known) => known.startsWith(asked));
    if (key) show(key, atlas.deals[key]);
    else target.replaceChildren(e("h1", {}, "No such deal in this release"), e("p", {}, "It may have been merged into another, or withdrawn. In SQL: ", e("code", {}, `select * from marts.dim_deal_keys where deal_key = '${asked}'`)));
  }
  addEventListener("hashchange", open);
  open();
})();
