import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useServerEvents } from "./events";

class Stream extends EventTarget {
  static readonly CLOSED = 2;
  static all: Stream[] = [];
  readyState = 0;
  constructor(readonly url: string) {
    super();
    Stream.all.push(this);
  }
  close() {
    this.readyState = Stream.CLOSED;
  }
  answers() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  says(name: string, data: string) {
    this.dispatchEvent(new MessageEvent(name, { data }));
  }
  fails(readyState: number) {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }
}
const isOpen = (stream: Stream) => stream.readyState !== Stream.CLOSED;
let visibility: DocumentVisibilityState = "visible";
function becomes(state: DocumentVisibilityState) {
  visibility = state;
  act(() => void document.dispatchEvent(new Event("visibilitychange")));
}
function listen() {
  const heard: unknown[][] = [];
  const { unmount } = renderHook(() => useServerEvents((...news) => heard.push(news)));
  return { heard, unmount };
}
const everything = [["dossier", undefined], ["queues", undefined], ["certificate", undefined]];

beforeEach(() => {
  Stream.all = [];
  visibility = "visible";
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Stream);
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("all listeners of a page share one stream, which ends with the last of them", () => {
  const first = listen(), second = listen();
  expect(Stream.all.map(({ url }) => url)).toEqual(["/api/v1/events"]);
  const stream = Stream.all[0]!;
  stream.answers();
  stream.says("certificate", '{"subject":""}');
  for (const { heard } of [first, second]) expect(heard).toEqual([["certificate", { subject: "" }]]);
  first.unmount();
  expect(isOpen(stream)).toBe(true);
  second.unmount();
  expect(isOpen(stream)).toBe(false);
});

it("a page that nobody looks at has no stream and looks again when it is seen", () => {
  const { heard, unmount } = listen();
  Stream.all[0]!.answers();
  becomes("hidden");
  expect(Stream.all.filter(isOpen)).toEqual([]);
  expect(heard).toEqual([]);
  becomes("visible");
  expect(Stream.all.filter(isOpen)).toHaveLength(1);
  Stream.all[1]!.answers();
  expect(heard).toEqual(everything);
  unmount();
});

it("a lost stream that the browser makes again tells that something may have changed", () => {
  const { heard, unmount } = listen();
  const stream = Stream.all[0]!;
  stream.answers();
  stream.fails(0);
  expect(heard).toEqual([]);
  stream.answers();
  expect(heard).toEqual(everything);
  unmount();
});

it("a refused stream is asked for again after a while, and no longer when the page is left", () => {
  const { heard, unmount } = listen();
  Stream.all[0]!.fails(Stream.CLOSED);
  expect(Stream.all).toHaveLength(1);
  vi.advanceTimersByTime(30_000);
  expect(Stream.all).toHaveLength(2);
  Stream.all[1]!.answers();
  expect(heard).toEqual(everything);
  Stream.all[1]!.fails(Stream.CLOSED);
  unmount();
  vi.advanceTimersByTime(60_000);
  expect(Stream.all).toHaveLength(2);
});
