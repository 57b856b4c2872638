import { render } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { describe, expect, it } from "vitest";
import { Markdown } from "./markdown";

const html = (text: string) => render(<MemoryRouter><Markdown text={text} /></MemoryRouter>).container.innerHTML;

describe("Markdown", () => {
  it("makes elements of headings, lists, tables and emphasis", () => {
    const out = html("# Tên\n\nMột **đậm** và *nghiêng*.\n\n- a\n- b\n\n1. x\n2. y\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n> lời dẫn\n\n```\nmã <b>\n```");
    for (const part of ["<h2>Tên</h2>", "<strong>đậm</strong>", "<em>nghiêng</em>", "<ul><li>a</li><li>b</li></ul>", "<ol><li>x</li><li>y</li></ol>", '<th scope="col">A</th>', "<td>2</td>", "<blockquote>lời dẫn</blockquote>", "mã &lt;b&gt;"]) expect(out).toContain(part);
  });
  it("never takes HTML, scripts or odd addresses", () => {
    const out = html('<img src=x onerror=alert(1)> [x](javascript:alert(1)) [y](data:text/html,z) [z](//elsewhere.example) <script>alert(1)</script>');
    expect(out).not.toMatch(/<img|<script|<a /);
    expect(out).toContain("&lt;script&gt;");
  });
  it("links to the portal and outside", () => {
    const out = html("[Hướng dẫn](/huong-dan), https://example.vn/a. [thư](mailto:a@mau.gov.vn)");
    expect(out).toContain('<a href="/huong-dan"');
    expect(out).toContain('<a href="https://example.vn/a" rel="noopener noreferrer">');
    expect(out).toContain('href="mailto:a@mau.gov.vn"');
  });
  it("is quick on hostile text", () => {
    const start = performance.now();
    for (const text of ["*".repeat(20_000), "[".repeat(20_000), "`".repeat(20_000), "**a".repeat(5_000), "> ".repeat(5_000), "|".repeat(20_000)]) html(text);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
