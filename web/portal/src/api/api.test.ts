import { afterEach, describe, expect, it, vi } from "vitest";
import { api, onSignInLost, setCsrf, unwrap } from "./client";
import { asProblem, fieldErrors, Problem, problemOf } from "./problem";

const body = {
  type: "urn:kyso:error:registry.input", code: "registry.input", status: 422, title: "Có 2 mục cần sửa.", detail: "Sửa rồi gửi lại.",
  title_en: "2 entries need mending.", detail_en: "Mend them and send again.", instance: "urn:kyso:request:ab12",
  fields: [
    { field: "lines/3/email", code: "x", message: "Thư điện tử không phải thư công vụ.", message_en: "Not an official address.", next: "Dùng thư công vụ.", next_en: "Use an official one." },
    { field: "name", code: "y", message: "Họ và tên là trường bắt buộc", message_en: "Name is required" },
  ],
};

function answerWith(status: number, content: unknown, type = "application/problem+json") {
  const fetched = vi.fn((..._asked: [Request]) => Promise.resolve(new Response(typeof content === "string" ? content : JSON.stringify(content), { status, headers: { "Content-Type": type } })));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}
afterEach(() => vi.unstubAllGlobals());

describe("problems", () => {
  it("tell cause, next step and trace in both languages", () => {
    const problem = problemOf(422, body);
    expect([problem.title("vi"), problem.next("vi"), problem.trace]).toEqual(["Có 2 mục cần sửa.", "Sửa rồi gửi lại.", "ab12"]);
    expect([problem.title("en"), problem.next("en")]).toEqual(["2 entries need mending.", "Mend them and send again."]);
  });
  it("name a form's fields", () => {
    expect(fieldErrors(problemOf(422, body), "vi")).toEqual([
      { name: ["lines", 3, "email"], errors: ["Thư điện tử không phải thư công vụ. Dùng thư công vụ."] },
      { name: ["name"], errors: ["Họ và tên là trường bắt buộc"] },
    ]);
  });
  it("are made of whatever comes", () => {
    expect(problemOf(502, "<html>").code).toBe("web.answer");
    // client.ts says when a connection is lost; the page's own faults are something else.
    expect(asProblem(new TypeError("destroy is not a function")).code).toBe("web.failed");
    expect(asProblem(new Error("lạ")).title("vi")).toContain("lạ");
  });
});

describe("client", () => {
  const baseUrl = "http://localhost";
  it("sends the session's code with what changes something, and with nothing else", async () => {
    const fetched = answerWith(200, { signed_in: false }, "application/json");
    setCsrf("secret");
    await unwrap(api.GET("/api/v1/session", { baseUrl, fetch: fetched as unknown as typeof fetch }));
    expect(fetched.mock.calls[0]![0].headers.get("X-Kyso-CSRF")).toBeNull();
    await unwrap(api.DELETE("/api/v1/session", { baseUrl, fetch: fetched as unknown as typeof fetch }));
    expect(fetched.mock.calls[1]![0].headers.get("X-Kyso-CSRF")).toBe("secret");
  });
  it("throws what the server says", async () => {
    const fetched = answerWith(422, body);
    const failure: unknown = await unwrap(api.GET("/api/v1/me", { baseUrl, fetch: fetched as unknown as typeof fetch })).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Problem);
    expect((failure as Problem).code).toBe("registry.input");
  });
  it("tells when the session has ended", async () => {
    const lost = vi.fn();
    const stop = onSignInLost(lost);
    const fetched = answerWith(401, { ...body, status: 401, code: "registry.access.signin" });
    await unwrap(api.GET("/api/v1/me", { baseUrl, fetch: fetched as unknown as typeof fetch })).catch(() => undefined);
    expect(lost).toHaveBeenCalledOnce();
    stop();
  });
  it("tells a lost connection apart", async () => {
    const failing = () => Promise.reject(new TypeError("Failed to fetch"));
    const failure: unknown = await unwrap(api.GET("/api/v1/me", { baseUrl, fetch: failing })).catch((error: unknown) => error);
    expect((failure as Problem).code).toBe("web.connection");
  });
});
