// Search: names are matched first, then one pass over the deals' numbers. The box in the header is a combobox.
"use strict";

(() => {
  const MOST = { countries: 5, weapons: 5, deals: 7 };
  let index = null;

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const squeeze = (text) => text.replace(/[^\p{L}\p{N}]+/gu, "");
  const numbers = (Kind, text) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new Kind(bytes.buffer);
  };

  // Words of a name, and the name without its punctuation: "f16" finds F-16, "korea" finds South Korea.
  const words = (name) => {
    const folded = fold(name);
    return [...folded.split(/[^\p{L}\p{N}]+/u).filter(Boolean), squeeze(folded), folded];
  };

  async function ready() {
    if (index) return index;
    await atlas.load("data/search.js");
    const raw = atlas.index, deals = raw.deals;
    index = {
      countries: raw.countries.map(([name, page, count, aliases]) => ({ name, page, count, words: words(name), others: aliases.flatMap(words) })),
      weapons: raw.weapons.map(([name, family, page, count]) => ({ name, family, page, count, words: [...words(name), ...words(family ?? "")] })),
      statuses: raw.statuses,
      count: deals.count,
      key: (number) => deals.keys.slice(number * deals.digits, (number + 1) * deals.digits),
      supplier: numbers(Uint16Array, deals.supplier), recipient: numbers(Uint16Array, deals.recipient),
      weapon: numbers(Uint32Array, deals.weapon), year: numbers(Uint16Array, deals.year),
      status: numbers(Uint8Array, deals.status), sources: numbers(Uint16Array, deals.sources),
      marks: numbers(Uint8Array, deals.marks),
    };
    return index;
  }

  // "from:France to:India Rafale 2016": fields take all words up to the next field, other words stand for themselves.
  function parse(text) {
    const fields = [], rest = text.replace(/\b(from|to|weapon):\s*(.*?)(?=\s+(?:from|to|weapon):|$)/giu, (_, name, value) => {
      if (value.trim()) fields.push([name.toLowerCase(), fold(value.trim())]);
      return " ";
    });
    return { fields, tokens: fold(rest).split(/\s+/u).filter((token) => squeeze(token)) };
  }

  const begins = (all, token) => all.some((word) => word.startsWith(token) || word.startsWith(squeeze(token)));
  const matches = (entry, token) => begins(entry.words, token);
  // Other names count in full, or where no name does: "pol" is Poland, not France for French Polynesia; "uk" is not Ukraine alone.
  const matchCountry = (token) => {
    const isName = index.countries.some((entry) => matches(entry, token));
    return (entry) => begins(isName ? entry.words : entry.others, token) || entry.others.includes(token);
  };
  const flags = (entries, test) => Uint8Array.from(entries, (entry) => (test(entry) ? 1 : 0));

  // The longest run of words that is a name, else that finds one: "to:Poland himars" names Poland, and himars is left.
  function readField(entries, value, field) {
    const all = value.split(/\s+/u);
    const runs = all.map((_, place) => all.slice(0, all.length - place));
    const tests = [
      (run) => (entry) => fold(entry[field] ?? "") === run.join(" "),
      (run) => {
        const each = run.map((token) => (entries === index.countries ? matchCountry(token) : (entry) => matches(entry, token)));
        return (entry) => each.every((test) => test(entry));
      },
    ];
    for (const test of tests) {
      for (const run of runs) {
        const wanted = flags(entries, test(run));
        if (wanted.includes(1)) return { wanted, rest: all.slice(run.length) };
      }
    }
    return { wanted: flags(entries, () => false), rest: [] };
  }

  function findDeals(query, { status = 0, most = Infinity } = {}) {
    const words = [...query.tokens];
    const fields = query.fields.map(([name, value]) => {
      const { wanted, rest } = name === "weapon" ? readField(index.weapons, value, "family") : readField(index.countries, value, "name");
      words.push(...rest);
      return [{ weapon: index.weapon, from: index.supplier, to: index.recipient }[name], wanted];
    });
    const tokens = words.map((token) => ({
      countries: flags(index.countries, matchCountry(token)), weapons: flags(index.weapons, (entry) => matches(entry, token)),
      year: /^\d{4}$/.test(token) ? Number(token) : -1, status: index.statuses.indexOf(token),
    }));
    const found = [];
    let total = 0;
    for (let deal = 0; deal < index.count; deal += 1) {
      if (status && index.status[deal] !== status) continue;
      if (!fields.every(([column, wanted]) => wanted[column[deal]])) continue;
      if (!tokens.every((token) => token.countries[index.supplier[deal]] || token.countries[index.recipient[deal]]
        || token.weapons[index.weapon[deal]] || token.year === index.year[deal] || (token.status > 0 && token.status === index.status[deal]))) continue;
      total += 1;
      if (found.length < most) found.push(deal);
    }
    return { found, total };
  }

  function tell(deal) {
    return {
      key: index.key(deal), supplier: index.countries[index.supplier[deal]], recipient: index.countries[index.recipient[deal]],
      weapon: index.weapons[index.weapon[deal]], year: index.year[deal] || null, status: index.statuses[index.status[deal]], sources: index.sources[deal],
      // the bits are those of searching.py
      isInferred: Boolean(index.marks[deal] & 1), isEstimate: Boolean(index.marks[deal] & 2), hasConflict: Boolean(index.marks[deal] & 4),
    };
  }

  function search(text) {
    const query = parse(text);
    const isPlain = query.fields.length === 0 && query.tokens.length > 0;
    const rank = (entries, tests) => !isPlain ? [] : entries.filter((entry) => tests.every((test) => test(entry)))
      .sort((one, other) => Number(fold(other.name).startsWith(query.tokens[0])) - Number(fold(one.name).startsWith(query.tokens[0])) || other.count - one.count);
    const families = new Map();
    for (const entry of rank(index.weapons, query.tokens.map((token) => (entry) => matches(entry, token)))) if (entry.page && !families.has(entry.page)) families.set(entry.page, entry);
    const isEmpty = !query.fields.length && !query.tokens.length;
    return {
      countries: rank(index.countries, query.tokens.map(matchCountry)).slice(0, MOST.countries), weapons: [...families.values()].slice(0, MOST.weapons),
      deals: isEmpty ? { found: [], total: 0 } : findDeals(query, { most: MOST.deals }),
    };
  }
  atlas.search = { ready, parse, findDeals, tell, search };

  // --- the box
  const box = document.getElementById("search"), list = document.getElementById("found");
  let active = -1;
  const options = () => [...list.querySelectorAll("[role=option]")];

  function close() {
    list.hidden = true;
    active = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function mark(number) {
    const all = options();
    active = all.length ? (number + all.length) % all.length : -1;
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
    if (active >= 0) {
      box.setAttribute("aria-activedescendant", all[active].id);
      all[active].scrollIntoView({ block: "nearest" });
    }
  }

  function show(text) {
    const started = performance.now();
    const found = search(text);
    let number = 0;
    const option = (address, name, more) => {
      number += 1;
      return atlas.element("a", { role: "option", id: `found-${number}`, href: atlas.up + address, tabindex: "-1", "aria-selected": "false" },
        atlas.element("span", {}, name), atlas.element("span", { class: "count" }, more));
    };
    const group = (name, entries) => entries.length ? atlas.element("div", { role: "group", "aria-label": name }, atlas.element("p", { class: "group", "aria-hidden": "true" }, name), entries) : null;
    const deals = found.deals.found.map((deal) => {
      const told = tell(deal);
      return option(`deal/index.html#${told.key}`, `${told.supplier.name}${told.isInferred ? " (inferred)" : ""} → ${told.recipient.name}: ${told.weapon.name}`, [told.year && `${told.isEstimate ? "≈ " : ""}${told.year}`, told.status].filter(Boolean).join(", "));
    });
    if (found.deals.total > deals.length) deals.push(option(`deals/index.html#q=${encodeURIComponent(text)}`, `All ${atlas.count(found.deals.total)} deals`, ""));
    list.replaceChildren(...[
      group("Countries and actors", found.countries.map((entry) => option(`country/${entry.page}.html`, entry.name, `${atlas.count(entry.count)} deals`))),
      group("Weapons", found.weapons.map((entry) => option(`weapon/${entry.page}.html`, entry.family ?? entry.name, `${atlas.count(entry.count)} deals`))),
      group("Deals", deals),
    ].filter(Boolean));
    if (!number) list.append(atlas.element("p", { class: "group" }, "Nothing found."));
    list.hidden = false;
    active = -1;
    box.setAttribute("aria-expanded", "true");
    box.dataset.milliseconds = (performance.now() - started).toFixed(1);
  }

  const update = async () => {
    if (!box.value.trim()) return close();
    await ready();
    return box.value.trim() ? show(box.value) : close();
  };
  box.addEventListener("focus", ready);
  box.addEventListener("input", update);
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) update();
      else mark(active + (event.key === "ArrowDown" ? 1 : -1) + (active < 0 && event.key === "ArrowUp" ? 1 : 0));
    } else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active >= 0) { event.preventDefault(); options()[active].click(); }
  });
  box.form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.href = `${atlas.up}deals/index.html#q=${encodeURIComponent(box.value)}`;
    close();
  });
  document.addEventListener("pointerdown", (event) => { if (!event.target.closest(".search")) close(); });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !isTyping) { event.preventDefault(); box.focus(); }
  });
})();
