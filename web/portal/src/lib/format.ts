// Days and times as offices in Viet Nam write them, whatever clock the computer has: UTC+7, no daylight saving.
const offset = 7 * 3600 * 1000;

function shifted(value: string | Date): Date | undefined {
  const time = (typeof value === "string" ? new Date(value) : value).getTime();
  return Number.isNaN(time) ? undefined : new Date(time + offset);
}
const two = (value: number) => String(value).padStart(2, "0");

// "2026-11-20" or a time → "20/11/2026"
export function formatDate(value: string | undefined | null): string {
  if (!value) return "";
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (day) return `${day[3]}/${day[2]}/${day[1]}`;
  const at = shifted(value);
  return at ? `${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}` : value;
}

// "08:41 20/11/2026"
export function formatTime(value: string | undefined | null, withSeconds = false): string {
  if (!value) return "";
  const at = shifted(value);
  if (!at) return value;
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}${withSeconds ? `:${two(at.getUTCSeconds())}` : ""}`;
  return `${clock} ${formatDate(value)}`;
}

// A deadline: what ends with a day says so, "24:00 26/11/2026" and not the first moment of the next day.
export function formatDue(value: string | undefined | null): string {
  const text = formatTime(value);
  return value && text.startsWith("00:00 ") ? `24:00 ${formatDate(new Date(new Date(value).getTime() - 1).toISOString())}` : text;
}

// Today in Viet Nam, "2026-11-20".
export function today(now = new Date()): string {
  return new Date(now.getTime() + offset).toISOString().slice(0, 10);
}

// "20/11/2026", "20-11-2026", "20.11.2026" → "2026-11-20"; undefined when it is no day.
export function parseDate(text: string): string | undefined {
  const parts = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$/.exec(text);
  if (!parts) return undefined;
  const [day, month, year] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const at = new Date(Date.UTC(year, month - 1, day));
  if (at.getUTCFullYear() !== year || at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return undefined;
  return `${year}-${two(month)}-${two(day)}`;
}

// A name of a certificate (RFC 4514), with room between its parts: "CN=Nguyễn Văn A, O=Cơ quan mẫu".
export function formatName(name: string): string {
  return name.replace(/(?<!\\),(?=[\w.]+=)/g, ", ");
}

// A certificate's number as the record has it: without zeros in front.
export const formatSerial = (serial: string) => serial.replace(/^0+(?=.)/, "");

export function formatNumber(value: number, language: string): string {
  return new Intl.NumberFormat(language === "en" ? "en-GB" : "vi-VN", { maximumFractionDigits: 1 }).format(value);
}

export function formatSize(bytes: number, language: string): string {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    ++unit;
  }
  return `${formatNumber(unit === 0 ? value : Math.round(value * 10) / 10, language)} ${units[unit]}`;
}

// "in 2 hours", "3 ngày trước"
export function formatDistance(value: string, language: string, now = Date.now()): string {
  const seconds = (new Date(value).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(language === "en" ? "en-GB" : "vi-VN", { numeric: "always" });
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60]];
  for (const [unit, size] of steps) if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  return format.format(Math.trunc(seconds), "second");
}
