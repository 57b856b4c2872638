import { useInfiniteQuery } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Language } from "@/api/problem";
import type { Content, ContentKind } from "@/api/types";

export function useContent(kind: ContentKind) {
  const query = useInfiniteQuery({
    queryKey: ["content", kind],
    queryFn: ({ pageParam }) => unwrap(api.GET("/api/v1/public/content", { params: { query: { kind, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    staleTime: 60_000,
  });
  return { ...query, items: query.data?.pages.flatMap((page) => page.items) };
}

export function titleOf(entry: Content, language: Language) {
  return (language === "en" && entry.title_en) || entry.title;
}
export function textOf(entry: Content, language: Language) {
  return (language === "en" && entry.text_en) || entry.text || "";
}
// Only addresses that a browser may follow without harm.
export function linkOf(entry: Content): string | undefined {
  return entry.link && /^(?:https?:\/\/|\/(?!\/))/i.test(entry.link) ? entry.link : undefined;
}
