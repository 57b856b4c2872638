// Takes the place of @rc-component/util's dynamicCSS in production builds: the few rules that parts of Ant Design make while they run
// (no scrolling behind a dialog, the width of scroll bars) become constructed style sheets, which style-src 'self' allows, while a
// <style> element would be refused. The components' own style needs none of it: it is in the style sheets of the build.
const sheets = new Map<string, CSSStyleSheet>();

interface Options {
  attachTo?: Element;
}

// Callers mark what they get; it is never shown.
function placeholder(): HTMLStyleElement {
  return document.createElement("style");
}

export function updateCSS(css: string, key: string, options: Options = {}): HTMLStyleElement {
  if (options.attachTo && !options.attachTo.isConnected) return placeholder();
  let sheet = sheets.get(key);
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheets.set(key, sheet);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }
  sheet.replaceSync(css);
  return placeholder();
}

export function removeCSS(key: string): void {
  const sheet = sheets.get(key);
  if (!sheet) return;
  sheets.delete(key);
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
}

export function injectCSS(css: string, options: Options = {}): HTMLStyleElement {
  return updateCSS(css, css, options);
}

export function clearContainerCache(): void {
  // There are no containers.
}
