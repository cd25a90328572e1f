// The reader's choice of light or dark, before anything is painted.
(() => {
  try {
    const chosen = localStorage.getItem("atlas-theme");
    if (chosen) document.documentElement.dataset.theme = chosen;
  } catch { /* a page opened as a file may have no storage */ }
})();
