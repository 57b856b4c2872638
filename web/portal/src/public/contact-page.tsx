import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import { Markdown } from "@/ui/markdown";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { textOf, titleOf, useContent } from "./content";

export function Page() {
  const { t } = useTranslation("public");
  const language = useLanguage();
  const { items, error, refetch } = useContent("contact");
  return (
    <div className="k-width k-page">
      <PageHeader title={t("content.contact")} lead={t("content.contactLead")} />
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {items?.length === 0 && <p className="k-muted">{t("content.none")}</p>}
      {items?.map((entry) => (
        <Section key={entry.id} title={titleOf(entry, language)}>
          <Markdown text={textOf(entry, language)} topLevel={3} />
        </Section>
      ))}
    </div>
  );
}
