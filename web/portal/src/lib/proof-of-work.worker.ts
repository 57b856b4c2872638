import { solve } from "./proof-of-work";

self.onmessage = (event: MessageEvent<{ id: string; difficulty: number }>) => {
  self.postMessage(solve(event.data.id, event.data.difficulty));
};
