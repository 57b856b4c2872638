import "./content.css";
import { DownloadOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { Content } from "@/api/types";
import { useLanguage } from "@/i18n";
import { formatSize } from "@/lib/format";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { linkOf, titleOf, useContent } from "./content";
import { kinds } from "./kind-icons";
import { ResourceTabs } from "./resource-tabs";

function Files({ entries }: { entries: Content[] }) {
  const { t } = useTranslation("public");
  const { t: common } = useTranslation();
  const language = useLanguage();
  return (
    <table className="p-files">
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td>{titleOf(entry, language)}</td>
            <td>{entry.size !== undefined && formatSize(entry.size, language)}</td>
            <td>
              {entry.file ? (
                <a href={`/api/v1/public/content/${entry.id}/file`} download aria-label={`${common("action.download")}: ${titleOf(entry, language)}`}>
                  <DownloadOutlined aria-hidden /> {common("action.download")}
                </a>
              ) : (
                linkOf(entry) && (
                  <a href={linkOf(entry)} rel="noopener noreferrer" aria-label={`${t("content.link")}: ${titleOf(entry, language)}`}>
                    {t("content.link")}
                  </a>
                )
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Page() {
  const { t } = useTranslation("public");
  const { t: common } = useTranslation();
  const { items, error, refetch } = useContent("resource");
  const legal = useContent("legal");
  const groups = grouped(items ?? [], t("content.other"));
  return (
    <div className="k-width k-page">
      <PageHeader title={t("content.resource")} lead={t("content.resourceLead")} />
      <ResourceTabs />
      <ProblemAlert error={error ?? legal.error} onRetry={() => void refetch()} />
      {[...groups].map(([group, entries]) => (
        <Section key={group} title={group}>
          <Files entries={entries} />
        </Section>
      ))}
      <Section title={t("content.templates")}>
        <table className="p-files">
          <tbody>
            {kinds.map((kind) => (
              <tr key={kind}>
                <td>
                  {kind} – {common(`kind.${kind}`)}
                </td>
                <td>Excel</td>
                <td>
                  <a href={`/api/v1/templates/${kind}.xlsx`} download aria-label={`${common("action.download")}: ${common(`kind.${kind}`)}`}>
                    <DownloadOutlined aria-hidden /> {common("action.download")}
                  </a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
      {legal.items && legal.items.length > 0 && (
        <Section title={t("content.legal")}>
          <Files entries={legal.items} />
        </Section>
      )}
    </div>
  );
}

function grouped(entries: Content[], other: string): Map<string, Content[]> {
  const groups = new Map<string, Content[]>();
  for (const entry of entries) groups.set(entry.group || other, [...(groups.get(entry.group || other) ?? []), entry]);
  return groups;
}
