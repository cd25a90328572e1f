// What the page asks of the browser: elements, colours of the theme, scripts, files to save.

/** Makes an element; text only ever becomes text, never markup. */
export function make(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** A colour of the style sheet, as the chosen theme has it. */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Whether the page is dark now. */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return (chosen || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
}

let vega;

/** Loads Vega once, when the first chart is drawn. */
export function loadVega() {
  vega ??= new Promise((done, fail) => {
    const script = make("script", { src: `${document.body.dataset.up}assets/vega.js`, onload: done });
    script.onerror = () => fail(new Error("assets/vega.js can't be loaded"));
    document.head.append(script);
  });
  return vega;
}

/** Gives the reader a text as a file. */
export function save(name, text) {
  const href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  make("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
