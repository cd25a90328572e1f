// The front page's map and rankings for a span of years that the reader chooses.
"use strict";

(() => {
  const source = document.getElementById("world-setting");
  if (!source) return;
  const setting = JSON.parse(source.textContent), form = document.getElementById("span");
  const ARCS = 80, BARS = 12, COLOURED = 7;
  const actor = (number) => {
    const [name, page, code, longitude, latitude, kind] = setting.actors[number];
    return { name, page, code, longitude, latitude, kind };
  };
  const value = (name) => form.elements[name].value;
  const add = (sums, key, amount) => sums.set(key, (sums.get(key) ?? 0) + amount);

  // The sums of the first span stand in the page; any other choice loads all years once.
  async function sum() {
    const [first, last, measure] = [Number(value("first")), Number(value("last")), value("measure")];
    if (first === setting.first && last === setting.last && measure === Object.keys(setting.measures)[0]) return setting.sums;
    await atlas.load("data/flows.js");
    const flows = atlas.flows, sums = new Map();
    for (let row = 0; row < flows.year.length; row += 1) {
      const amount = flows[measure][row];
      if (amount && flows.year[row] >= first && flows.year[row] <= last) add(sums, flows.supplier[row] * 65536 + flows.recipient[row], amount);
    }
    return [...sums].map(([pair, amount]) => [Math.floor(pair / 65536), pair % 65536, amount]);
  }

  const collator = new Intl.Collator("en");
  const round = (amount) => Math.round(amount * 100) / 100;
  const ranked = (totals) => [...totals].map(([number, amount]) => ({ number, party: actor(number).name, amount: round(amount) })).sort((one, other) => other.amount - one.amount || collator.compare(one.party, other.party));

  function layers(sums, role) {
    const flows = sums.map(([supplier, recipient, amount]) => ({ supplier: actor(supplier), recipient: actor(recipient), amount: round(amount), from: supplier }))
      .sort((one, other) => other.amount - one.amount);
    const placed = flows.filter((flow) => flow.supplier.longitude !== undefined && flow.recipient.longitude !== undefined).slice(0, ARCS);
    const totals = new Map();
    sums.forEach(([supplier, recipient, amount]) => add(totals, role === "supplier" ? supplier : recipient, amount));
    const greatest = new Map();
    placed.forEach((flow) => add(greatest, flow.from, flow.amount));
    const coloured = new Set(ranked(greatest).slice(0, COLOURED).map((one) => one.number));
    const arcs = placed.map((flow) => ({
      type: "Feature",
      geometry: { type: "LineString", coordinates: [[flow.supplier.longitude, flow.supplier.latitude], [flow.recipient.longitude, flow.recipient.latitude]] },
      properties: { supplier: flow.supplier.name, recipient: flow.recipient.name, amount: flow.amount, party: coloured.has(flow.from) ? flow.supplier.name : "other suppliers", href: `pair/${flow.supplier.page}__${flow.recipient.page}.html` },
    }));
    arcs.sort((one, other) => (one.properties.party === "other suppliers") - (other.properties.party === "other suppliers"));
    const dots = new Map();
    for (const { recipient, amount } of placed) {
      const known = dots.get(recipient.page) ?? { name: recipient.name, longitude: recipient.longitude, latitude: recipient.latitude, amount: 0, href: `country/${recipient.page}.html` };
      known.amount = round(known.amount + amount);
      dots.set(recipient.page, known);
    }
    return { flows, placed, arcs, dots: [...dots.values()], totals };
  }

  function tellOffMap(sums) {
    const off = new Map();
    for (const [supplier, recipient, amount] of sums) {
      for (const number of [supplier, recipient]) if (actor(number).longitude === undefined) add(off, number, amount);
    }
    const former = [...new Set(sums.flatMap(([supplier, recipient]) => [supplier, recipient]))].filter((number) => actor(number).kind === "former");
    const parts = [];
    if (off.size) parts.push("Not on the map, since they are no place: ", ...ranked(off).slice(0, 12).flatMap((one, place) => [place ? ", " : "", atlas.element("a", { href: `country/${actor(one.number).page}.html` }, one.party), ` (${atlas.number(one.amount)})`]), off.size > 12 ? `, and ${off.size - 12} more. ` : ". ");
    if (former.length) parts.push("Former states stand at their capitals: ", former.map((number) => actor(number).name).join(", "), ".");
    document.getElementById("off-map").replaceChildren(...parts);
  }

  const queryOf = (text, role) => {
    const measure = setting.measures[value("measure")];
    return text.replace("{measure}", measure.sql).replace("{basis}", measure.basis).replace("{first}", value("first")).replace("{last}", value("last")).replace("{role}", role);
  };

  let asked = 0;
  async function update() {
    const mine = ++asked;
    if (Number(value("first")) > Number(value("last"))) form.elements.last.value = value("first");
    const sums = await sum();
    if (mine !== asked) return; // the reader has chosen something else meanwhile
    const role = value("role"), measure = setting.measures[value("measure")];
    const made = layers(sums, role);
    const unit = `${measure.words}, ${value("first")}–${value("last")}`;
    const totalOf = (name) => { const totals = new Map(); sums.forEach(([supplier, recipient, amount]) => add(totals, name === "supplier" ? supplier : recipient, amount)); return ranked(totals); };
    const [suppliers, recipients] = [totalOf("supplier"), totalOf("recipient")];
    const rows = made.flows.map((flow) => ({ supplier: flow.supplier.name, recipient: flow.recipient.name, amount: flow.amount }));
    const note = made.flows.length > made.placed.length ? ` The ${made.placed.length} largest of ${atlas.count(made.flows.length)} flows are drawn; the table has all.` : "";
    atlas.setFigure("flows", rows, {
      evidence: measure.evidence, unit: unit + ".", sql: queryOf(setting.flow_sql), note,
      datasets: async () => {
        await atlas.load("assets/world.js");
        const totals = [...made.totals].map(([number, amount]) => ({ code: actor(number).code, name: actor(number).name, amount: round(amount), href: `country/${actor(number).page}.html` }));
        return { totals, arcs: made.arcs, dots: made.dots };
      },
    });
    atlas.setFigure("top-suppliers", suppliers.map(({ party, amount }) => ({ party, amount })), { evidence: measure.evidence, unit, sql: queryOf(setting.party_sql, "supplier"), most: BARS });
    atlas.setFigure("top-recipients", recipients.map(({ party, amount }) => ({ party, amount })), { evidence: measure.evidence, unit, sql: queryOf(setting.party_sql, "recipient"), most: BARS });
    const link = (one) => atlas.element("a", { href: `country/${actor(one.number).page}.html` }, one.party);
    document.getElementById("party-links").replaceChildren(...[...new Map([...suppliers.slice(0, 8), ...recipients.slice(0, 8)].map((one) => [one.number, one])).values()].map(link));
    tellOffMap(sums);
  }

  form.addEventListener("change", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", (event) => {
    const span = event.target.dataset.span;
    if (!span) return;
    const last = span === "all" ? setting.years.at(-1) : setting.last;
    form.elements.last.value = last;
    form.elements.first.value = span === "all" ? setting.years[0] : Math.max(setting.years[0], last - Number(span) + 1);
    update();
  });
  update();
})();
