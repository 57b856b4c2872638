import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { formatDate } from "@/lib/format";
import { Facts } from "@/ui/facts";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { ResourceTabs } from "./resource-tabs";

function Links({ urls, download }: { urls?: string[]; download?: boolean }) {
  if (!urls?.length) return null;
  return urls.map((url) => (
    <div key={url}>
      {/^(?:https?:\/\/|\/(?!\/))/i.test(url) ? (
        <a href={url} download={download || undefined}>
          {url}
        </a>
      ) : (
        url
      )}
    </div>
  ));
}

export function Page() {
  const { t } = useTranslation("public");
  const { data, error, refetch } = useQuery({ queryKey: ["authorities"], queryFn: () => unwrap(api.GET("/api/v1/public/authorities")), staleTime: 60_000 });
  return (
    <div className="k-width k-page">
      <PageHeader title={t("authorities.title")} lead={t("authorities.lead")} />
      <ResourceTabs />
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {data?.items.length === 0 && <p className="k-muted">{t("authorities.none")}</p>}
      {data?.items.map((authority) => (
        <Section key={authority.sha256 ?? authority.subject} title={authority.name}>
          <Facts
            items={[
              [t("authorities.subject"), authority.subject],
              [t("authorities.valid"), `${formatDate(authority.not_before)} – ${formatDate(authority.not_after)}`],
              [t("authorities.certificate"), <Links key="certificate" urls={[authority.certificate_url]} download />],
              [t("authorities.crl"), authority.crl_urls?.length ? <Links key="crl" urls={authority.crl_urls} download /> : undefined],
              [t("authorities.ocsp"), authority.ocsp_urls?.join(", ")],
              [t("authorities.tsa"), authority.tsa_url],
              [t("authorities.fingerprint"), authority.sha256 && <span className="p-mono">{authority.sha256.toUpperCase().match(/.{1,4}/g)?.join(" ")}</span>],
            ]}
          />
        </Section>
      ))}
    </div>
  );
}
