// Numbers of tokens pasted from a delivery note or a spreadsheet: one per line, "serial; model; batch" (also with tabs or commas).
// What a line leaves out comes from the fields above the list.
export interface TokenEntry {
  serial: string;
  model: string;
  batch?: string;
}
export interface TokenList {
  tokens: TokenEntry[];
  doubled: string[];
  faults: { line: number; text: string }[];
}

export const tokenLimit = 1000;

export function readTokens(text: string, model: string, batch: string): TokenList {
  const result: TokenList = { tokens: [], doubled: [], faults: [] };
  const known = new Set<string>();
  for (const [at, row] of text.split(/\r?\n/).entries()) {
    const line = row.trim();
    if (!line) continue;
    const [serial = "", ownModel = "", ownBatch = ""] = line.split(/[\t;,]/).map((part) => part.trim());
    const entry = { serial: serial.replace(/\s+/g, ""), model: ownModel || model.trim(), batch: ownBatch || batch.trim() || undefined };
    if (!/^[\x21-\x7e]{1,64}$/.test(entry.serial) || !entry.model) result.faults.push({ line: at + 1, text: line });
    else if (known.has(entry.serial.toUpperCase())) result.doubled.push(entry.serial);
    else {
      known.add(entry.serial.toUpperCase());
      result.tokens.push(entry);
    }
  }
  return result;
}
