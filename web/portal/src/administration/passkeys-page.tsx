import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { Facts } from "@/ui/facts";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { Tag } from "@/ui/tags";

export function Page() {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const { data, error, refetch } = useQuery({ queryKey: ["officer-passkeys"], queryFn: () => unwrap(api.GET("/api/v1/administration/passkeys")) });
  return (
    <>
      <PageHeader title={t("passkeys.title")} lead={t("passkeys.lead")} crumbs={[{ text: common("work.administration") }]} />
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {data?.items.length === 0 && <p className="k-muted">{common("table.empty")}</p>}
      {data?.items.map((passkey) => (
        <Section key={passkey.credential} title={`${passkey.name} – ${passkey.label}`} actions={<Tag tone={passkey.in_policy ? "good" : "warn"}>{t(passkey.in_policy ? "passkeys.known" : "passkeys.unknown")}</Tag>}>
          <Facts
            items={[
              [t("passkeys.person"), <code key="person">{passkey.person}</code>],
              [t("passkeys.credential"), <code key="credential">{passkey.credential}</code>],
              [t("passkeys.publicKey"), <code key="key">{passkey.public_key}</code>],
            ]}
          />
        </Section>
      ))}
    </>
  );
}
