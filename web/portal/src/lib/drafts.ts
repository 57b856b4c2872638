import { useEffect, useRef, useState } from "react";

// What somebody is typing survives a lost connection, a closed window, an ended session: kept in this browser's IndexedDB, per
// account, at most seven days, removed when it is saved or when its owner signs out.
const lifetime = 7 * 86400 * 1000;

export interface Draft<T> {
  value: T;
  at: number;
}

// It stays open: a page that is left has no time to open it.
let store: Promise<IDBDatabase> | undefined;
function openStore(): Promise<IDBDatabase> {
  store ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("kyso-drafts", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("drafts");
    request.onsuccess = () => {
      request.result.onclose = () => (store = undefined);
      resolve(request.result);
    };
    request.onerror = () => reject(request.error ?? new Error("indexedDB"));
  });
  return store;
}

async function run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  // Private windows may have no IndexedDB: then there are no drafts, and nothing else changes.
  try {
    const database = await openStore();
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction("drafts", mode);
      const request = work(transaction.objectStore("drafts"));
      transaction.commit(); // at once: nobody does it when the page is gone
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error("indexedDB"));
    });
  } catch {
    store = undefined;
    return undefined;
  }
}

export async function readDraft<T>(key: string, now = Date.now()): Promise<Draft<T> | undefined> {
  const found = (await run("readonly", (store) => store.get(key))) as Draft<T> | undefined;
  if (found && now - found.at > lifetime) {
    await removeDraft(key);
    return undefined;
  }
  return found;
}

export async function writeDraft<T>(key: string, value: T, now = Date.now()): Promise<void> {
  await run("readwrite", (store) => store.put({ value, at: now }, key));
}

export async function removeDraft(key: string): Promise<void> {
  await run("readwrite", (store) => store.delete(key));
}

// All of them: on signing out.
export async function removeAllDrafts(): Promise<void> {
  await run("readwrite", (store) => store.clear());
}

export interface DraftKeeper<T> {
  found: Draft<T> | undefined; // one from before; offer it, then keep() or forget()
  keep: (value: T) => void; // call on every change: written after a moment's rest
  forget: () => void; // saved on the server, or not wanted
}

// key: account id, kind of form and object, e.g. `${account.id}/dossier/${id}`; undefined while it is not known.
export function useDraft<T>(key: string | undefined): DraftKeeper<T> {
  const [found, setFound] = useState<{ key: string; draft: Draft<T> }>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const waiting = useRef<(() => void) | undefined>(undefined);

  useEffect(() => {
    if (!key) return undefined;
    let left = false;
    void readDraft<T>(key).then((draft) => {
      if (!left && draft) setFound({ key, draft });
    });
    const flush = () => waiting.current?.();
    window.addEventListener("pagehide", flush);
    return () => {
      left = true;
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [key]);

  return {
    found: found && found.key === key ? found.draft : undefined,
    keep: (value) => {
      if (!key) return;
      clearTimeout(timer.current);
      waiting.current = () => {
        clearTimeout(timer.current);
        waiting.current = undefined;
        void writeDraft(key, value);
      };
      timer.current = setTimeout(() => waiting.current?.(), 700);
    },
    forget: () => {
      clearTimeout(timer.current);
      waiting.current = undefined;
      setFound(undefined);
      if (key) void removeDraft(key);
    },
  };
}
