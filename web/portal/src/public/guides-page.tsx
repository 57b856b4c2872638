import "./content.css";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import { Markdown } from "@/ui/markdown";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { linkOf, textOf, titleOf, useContent } from "./content";

export function Page() {
  const { t } = useTranslation("public");
  const language = useLanguage();
  const { items, error, refetch } = useContent("guide");
  return (
    <div className="k-width k-page">
      <PageHeader title={t("content.guide")} lead={t("content.guideLead")} />
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {items?.length === 0 && <p className="k-muted">{t("content.none")}</p>}
      <div className="p-guides">
        {items?.map((entry, at) => (
          <details key={entry.id} open={at === 0}>
            <summary>{titleOf(entry, language)}</summary>
            <div>
              <Markdown text={textOf(entry, language)} topLevel={2} />
              {linkOf(entry) && <a href={linkOf(entry)}>{t("content.link")}</a>}
              {entry.file && (
                <a href={`/api/v1/public/content/${entry.id}/file`} download>
                  {entry.file}
                </a>
              )}
            </div>
          </details>
        ))}
      </div>
    </div>
  );
}
