// "Đặng Bảo Ngọc" → "dang bao ngoc"
export function withoutDiacritics(text: string): string {
  return text.normalize("NFD").replace(/\p{Mn}/gu, "").replace(/đ/g, "d").replace(/Đ/g, "D").toLowerCase();
}

// Every word of the query begins somewhere in the text, diacritics or not.
export function matches(text: string, query: string): boolean {
  const folded = withoutDiacritics(text);
  return withoutDiacritics(query).split(/\s+/).filter(Boolean).every((word) => folded.includes(word));
}

// For <Select showSearch>: options are found by their label, diacritics or not.
export const searchByLabel = { filterOption: (typed: string, option?: { label?: unknown }) => matches(String(option?.label ?? ""), typed) };
