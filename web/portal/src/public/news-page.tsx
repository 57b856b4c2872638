import "./content.css";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLanguage } from "@/i18n";
import { formatDate } from "@/lib/format";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { titleOf, useContent } from "./content";

export function Page() {
  const { t } = useTranslation("public");
  const { t: common } = useTranslation();
  const language = useLanguage();
  const { items, error, refetch, hasNextPage, fetchNextPage, isFetching } = useContent("news");
  return (
    <div className="k-width k-page">
      <PageHeader title={t("content.news")} lead={t("content.newsLead")} />
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {items?.length === 0 && <p className="k-muted">{t("content.none")}</p>}
      <ul className="k-plain p-news">
        {items?.map((entry) => (
          <li key={entry.id}>
            <time dateTime={entry.published}>{formatDate(entry.published)}</time>
            <Link to={`/tin-tuc/${entry.id}`}>{titleOf(entry, language)}</Link>
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button onClick={() => void fetchNextPage()} loading={isFetching}>
          {common("action.more")}
        </Button>
      )}
    </div>
  );
}
