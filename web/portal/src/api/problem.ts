import type { ProblemBody } from "./types";

export type Language = "vi" | "en";

// Everything that may go wrong with a request is a Problem: what the server says, or the same form for a lost connection.
export class Problem extends Error {
  readonly body: ProblemBody;
  readonly retryAfter: number | undefined;

  constructor(body: ProblemBody, retryAfter?: number) {
    super(body.title);
    this.name = "Problem";
    this.body = body;
    this.retryAfter = retryAfter;
  }
  get code() {
    return this.body.code;
  }
  get status() {
    return this.body.status;
  }
  title(language: Language) {
    return (language === "en" && this.body.title_en) || this.body.title;
  }
  // What to do next.
  next(language: Language) {
    return (language === "en" && this.body.detail_en) || this.body.detail || "";
  }
  // Tells a helper which request it was.
  get trace() {
    return this.body.instance?.replace(/^urn:kyso:request:/, "") ?? "";
  }
}

function local(code: string, status: number, title: string, detail: string, titleEn: string, detailEn: string): ProblemBody {
  return { type: `urn:kyso:error:${code}`, code, status, title, detail, title_en: titleEn, detail_en: detailEn };
}

export function connectionLost(): Problem {
  return new Problem(
    local("web.connection", 0, "Không kết nối được với hệ thống.", "Kiểm tra mạng rồi thử lại; nội dung đang nhập được giữ trên máy này.",
      "The system cannot be reached.", "Check the network and try again; what you typed is kept on this computer."),
  );
}

export function tooLarge(limit: number): Problem {
  const size = Math.floor(limit / 1048576);
  return new Problem(
    local("web.file.size", 413, `Tệp lớn quá ${size} MB.`, "Chọn tệp nhỏ hơn.", `The file is larger than ${size} MB.`, "Choose a smaller file."),
  );
}

function isProblem(value: unknown): value is ProblemBody {
  return typeof value === "object" && value !== null && "code" in value && "title" in value;
}

// A body that is no problem+json comes from something between us and the server.
export function problemOf(status: number, body: unknown, retryAfter?: string | null): Problem {
  const seconds = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined;
  if (isProblem(body)) return new Problem({ ...body, status: body.status ?? status }, seconds);
  return new Problem(
    local("web.answer", status, `Hệ thống trả lời không như mong đợi (${status}).`, "Thử lại sau ít phút; nếu vẫn gặp, báo cho bộ phận hỗ trợ.",
      `The system answered in an unexpected way (${status}).`, "Try again in some minutes; if it happens again, tell the help desk."),
    seconds,
  );
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new Problem(
    local("web.failed", 0, `Trang gặp lỗi: ${text}`, "Tải lại trang rồi làm lại.", `The page failed: ${text}`, "Reload the page and try again."),
  );
}

export interface FieldError {
  name: (string | number)[];
  errors: string[];
}

// "lines/3/email" → ["lines", 3, "email"], as Ant Design's forms name fields.
export function fieldErrors(problem: Problem, language: Language): FieldError[] {
  return (problem.body.fields ?? []).map((field) => {
    const message = (language === "en" && field.message_en) || field.message;
    const next = (language === "en" && field.next_en) || field.next;
    return { name: field.field.split("/").map((part) => (/^\d+$/.test(part) ? Number(part) : part)), errors: [next ? `${message} ${next}` : message] };
  });
}
