// What a screen reader would read out.
(() => {
  globalThis.changes = 0;
  new MutationObserver((found) => {
    globalThis.changes += found.length;
  }).observe(
    document.querySelector("[role=status]"),
    { childList: true, characterData: true, subtree: true },
  );
});
