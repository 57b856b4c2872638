import { createElement, Fragment, type ReactNode } from "react";
import { Link } from "react-router";

// Markdown of content pages, without HTML: the text becomes elements, never markup, so there is nothing to sanitise. Headings, lists,
// quotes, tables, code, rules, emphasis, links. Links go to this portal, to http(s), mail and telephone; others stay text.
const safeLink = /^(?:https?:\/\/|mailto:|tel:|\/(?!\/)|#)/i;
const inlineMark = /(`[^`]+`)|(\*\*[^*]+\*\*)|(\*[^*\s][^*]*\*)|(_[^_\s][^_]*_(?!\w))|(\[[^\]]+\]\([^)\s]+\))|(https?:\/\/[^\s<>()]+[^\s<>().,;:!?])/;
const maxDepth = 6;

function link(text: ReactNode, to: string, key: number): ReactNode {
  if (!safeLink.test(to)) return <Fragment key={key}>{text}</Fragment>;
  if (to.startsWith("/") && !to.startsWith("/api/") && !to.startsWith("/pub/"))
    return (
      <Link key={key} to={to}>
        {text}
      </Link>
    );
  return (
    <a key={key} href={to} rel="noopener noreferrer">
      {text}
    </a>
  );
}

function inline(text: string, depth = 0): ReactNode[] {
  const out: ReactNode[] = [];
  let rest = text;
  while (rest) {
    const found = depth < maxDepth ? inlineMark.exec(rest) : null;
    if (!found) {
      out.push(rest);
      break;
    }
    if (found.index > 0) out.push(rest.slice(0, found.index));
    const mark = found[0], key = out.length;
    if (found[1]) out.push(<code key={key}>{mark.slice(1, -1)}</code>);
    else if (found[2]) out.push(<strong key={key}>{inline(mark.slice(2, -2), depth + 1)}</strong>);
    else if (found[3] || found[4]) out.push(<em key={key}>{inline(mark.slice(1, -1), depth + 1)}</em>);
    else if (found[5]) {
      const middle = mark.lastIndexOf("](");
      out.push(link(inline(mark.slice(1, middle), depth + 1), mark.slice(middle + 2, -1), key));
    } else out.push(link(mark, mark, key));
    rest = rest.slice(found.index + mark.length);
  }
  return out;
}

const cells = (line: string) => line.replace(/^\s*\||\|\s*$/g, "").split("|").map((cell) => cell.trim());
const starts = /^(?:#{1,6} |\s*[-*+] |\s*\d+[.)] |> |```|\||(?:---+|\*\*\*+)\s*$)/;

function list(lines: string[], ordered: boolean, key: number): ReactNode {
  const items: string[] = [];
  for (const line of lines) {
    const item = /^\s*(?:[-*+]|\d+[.)]) (.*)$/.exec(line);
    if (item) items.push(item[1]!);
    else if (items.length > 0) items[items.length - 1] += ` ${line.trim()}`;
  }
  return createElement(ordered ? "ol" : "ul", { key }, items.map((item, at) => <li key={at}>{inline(item)}</li>));
}

function table(lines: string[], key: number): ReactNode {
  const [head = "", , ...rows] = lines;
  return (
    <table key={key}>
      <thead>
        <tr>
          {cells(head).map((cell, at) => (
            <th key={at} scope="col">
              {inline(cell)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, at) => (
          <tr key={at}>
            {cells(row).map((cell, column) => (
              <td key={column}>{inline(cell)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function blocksOf(text: string, topLevel = 2): ReactNode[] {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const out: ReactNode[] = [];
  let at = 0;
  const takeWhile = (test: (line: string) => boolean) => {
    const from = at;
    while (at < lines.length && test(lines[at]!)) ++at;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at]!, key = out.length;
    const heading = /^(#{1,6}) (.*)$/.exec(line);
    if (!line.trim()) ++at;
    else if (heading) {
      ++at;
      out.push(createElement(`h${Math.min(6, heading[1]!.length + topLevel - 1)}`, { key }, inline(heading[2]!)));
    } else if (line.startsWith("```")) {
      ++at;
      const code = takeWhile((one) => !one.startsWith("```"));
      ++at;
      out.push(<pre key={key}><code>{code.join("\n")}</code></pre>);
    } else if (/^(?:---+|\*\*\*+)\s*$/.test(line)) {
      ++at;
      out.push(<hr key={key} />);
    } else if (line.startsWith("> ")) out.push(<blockquote key={key}>{inline(takeWhile((one) => one.startsWith("> ")).map((one) => one.slice(2)).join(" "))}</blockquote>);
    else if (line.startsWith("|") && /^\|[\s:|-]+\|?\s*$/.test(lines[at + 1] ?? "")) out.push(table(takeWhile((one) => one.startsWith("|")), key));
    else if (/^\s*[-*+] /.test(line)) out.push(list(takeWhile((one) => /^\s*[-*+] /.test(one) || /^\s{2,}\S/.test(one)), false, key));
    else if (/^\s*\d+[.)] /.test(line)) out.push(list(takeWhile((one) => /^\s*\d+[.)] /.test(one) || /^\s{2,}\S/.test(one)), true, key));
    else {
      const first = at++;
      takeWhile((one) => one.trim() !== "" && !starts.test(one));
      out.push(<p key={key}>{inline(lines.slice(first, at).join(" "))}</p>);
    }
  }
  return out;
}

export function Markdown({ text, topLevel }: { text: string; topLevel?: number }) {
  return <div className="k-prose">{blocksOf(text, topLevel)}</div>;
}
