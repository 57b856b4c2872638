import { fileURLToPath, URL } from "node:url";
import type { Plugin } from "vite";

// Vite plugin: Ant Design's components bring code that writes style sheets at run time. The portal's are written when it is
// built (extract-styles.mjs), so that code is dead weight; in production builds it is replaced by what tells the class names.
const dynamicCss = fileURLToPath(new URL("../src/app/dynamic-css.ts", import.meta.url));
const hook = (key: string) => `() => ["", ${JSON.stringify(key)}]`;

function replacement(source: string, key: string): string {
  const lines: string[] = [];
  for (const [, name = ""] of source.matchAll(/^export const (\w+) =/gm)) {
    const text = new RegExp(`^export const ${name} = ('[^']*'|"[^"]*"|\\d+);`, "m").exec(source);
    if (text) lines.push(text[0]);
    else if (name.startsWith("use")) lines.push(`export const ${name} = ${hook(key)};`);
    else if (name.endsWith("Style") && new RegExp(`${name} = genSubStyleComponent`).test(source)) lines.push(`export const ${name} = () => null;`);
    else lines.push(`export const ${name} = () => ({});`);
  }
  if (/export default genSubStyleComponent\(/.test(source)) lines.push("export default () => null;");
  else if (/export default genComponentStyleHook\(/.test(source)) lines.push('export default () => "";');
  else if (/export default/.test(source)) lines.push(`export default ${hook(key)};`);
  return lines.join("\n");
}

export function antdWithoutRuntimeStyles(key: string): Plugin {
  return {
    name: "antd-without-runtime-styles",
    apply: "build",
    enforce: "pre",
    resolveId(source) {
      return /(?:^|\/)Dom\/dynamicCSS(?:\.js)?$|^\.\/dynamicCSS(?:\.js)?$/.test(source) ? dynamicCss : null;
    },
    transform(source, id) {
      // A text area that grows measures a hidden one, whose style it sets as an attribute; through the object it is allowed.
      if (/@rc-component\/(?:textarea|input)\/.*calculateNodeHeight\.js$/.test(id))
        return { code: source.replace(/hiddenTextarea\.setAttribute\('style', /, "hiddenTextarea.style.cssText = (").replaceAll("'tab-index'", "'tabindex'"), map: null };
      // antd/es/style holds what all of them share and something that is no style.
      if (!/\/antd\/es\/(?!theme\/)(?:[\w-]+\/)+style(?:\/[\w-]+)?\.js$/.test(id)) return null;
      if (!/genStyleHooks|genSubStyleComponent|genComponentStyleHook/.test(source)) return null;
      return { code: replacement(source, key), map: null };
    },
  };
}
