import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useEffect } from "react";
import { NotFoundPage } from "@/app/error-page";
import { useLanguage } from "@/i18n";
import { formatDate } from "@/lib/format";
import { Markdown } from "@/ui/markdown";
import { PageHeader } from "@/ui/page-header";
import { PageLoading } from "@/ui/page-loading";
import { ProblemAlert } from "@/ui/problem-alert";
import { textOf, titleOf, useContent } from "./content";

export function Page() {
  const { t } = useTranslation("public");
  const language = useLanguage();
  const { id } = useParams();
  const { items, error, hasNextPage, fetchNextPage, isFetching } = useContent("news");
  const entry = items?.find((one) => one.id === id);
  // An old entry stands on a later page of the list.
  useEffect(() => {
    if (items && !entry && hasNextPage && !isFetching) void fetchNextPage();
  }, [items, entry, hasNextPage, isFetching, fetchNextPage]);
  if (error) return <div className="k-width k-page"><ProblemAlert error={error} /></div>;
  if (!entry) return items && !hasNextPage ? <NotFoundPage /> : <PageLoading />;
  return (
    <article className="k-width k-page">
      <PageHeader title={titleOf(entry, language)} crumbs={[{ text: t("content.news"), to: "/tin-tuc" }]} lead={<time dateTime={entry.published}>{formatDate(entry.published)}</time>} />
      <div className="k-section">
        <Markdown text={textOf(entry, language)} />
      </div>
      <Link to="/tin-tuc">{t("content.back")}</Link>
    </article>
  );
}
