import "fake-indexeddb/auto";
import { afterEach } from "vitest";
import { cleanup } from "@testing-library/react";

// What Ant Design asks of a browser and jsdom has not.
window.matchMedia ??= ((query: string) => ({
  matches: false, media: query, onchange: null, addListener: () => undefined, removeListener: () => undefined,
  addEventListener: () => undefined, removeEventListener: () => undefined, dispatchEvent: () => false,
})) as typeof window.matchMedia;
window.ResizeObserver ??= class {
  observe() { /* nothing to see */ }
  unobserve() { /* nothing to see */ }
  disconnect() { /* nothing to see */ }
};

afterEach(cleanup);
