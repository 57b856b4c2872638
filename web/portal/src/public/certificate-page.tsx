import { SearchOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Certificate } from "@/api/types";
import { formatDate, formatTime } from "@/lib/format";
import { Facts } from "@/ui/facts";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { CertificateTag, Tag } from "@/ui/tags";
import { LookUpTabs } from "./look-up-tabs";

const known = ["good", "suspended", "revoked", "expired"];
// As it is printed in many programs: "31:C1:06", "31 c1 06".
const plain = (serial: string) => serial.replace(/[\s:]/g, "").toUpperCase();

export function Page() {
  const { t } = useTranslation("public");
  const { t: common } = useTranslation();
  const [query, setQuery] = useSearchParams();
  const serial = plain(query.get("serial") ?? "");
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["public-certificate", serial],
    queryFn: () => unwrap(api.GET("/api/v1/public/certificates/{serial}", { params: { path: { serial } } })),
    enabled: /^[0-9A-F]{1,64}$/.test(serial),
  });
  return (
    <div className="k-width k-page">
      <PageHeader title={common("work.searchCertificates")} lead={t("lookUp.certificateLead")} />
      <LookUpTabs />
      <Section>
        <Form
          layout="vertical"
          initialValues={{ serial }}
          onFinish={(fields: { serial: string }) => {
            if (plain(fields.serial) === serial) void refetch();
            else setQuery({ serial: plain(fields.serial) });
          }}
        >
          <Form.Item
            name="serial"
            label={t("lookUp.serial")}
            rules={[
              { required: true, message: common("form.required", { label: t("lookUp.serial") }) },
              { validator: (_, value: string) => (!value || /^[0-9A-F]{1,64}$/.test(plain(value)) ? Promise.resolve() : Promise.reject(new Error(t("lookUp.serialFault")))) },
            ]}
          >
            <Input placeholder="31C106" maxLength={120} spellCheck={false} />
          </Form.Item>
          <Button type="primary" htmlType="submit" icon={<SearchOutlined aria-hidden />} loading={isFetching}>
            {t("lookUp.submit")}
          </Button>
        </Form>
      </Section>
      <div aria-live="polite">
        <ProblemAlert error={error} />
        {data?.items.length === 0 && (
          <Section title={t("lookUp.nothingCertificate")}>
            <p>{t("lookUp.nothingCertificateHint")}</p>
          </Section>
        )}
        {data && data.items.length > 0 && <p className="k-hidden">{t("lookUp.foundCertificates", { count: data.items.length })}</p>}
        {data?.items.map((certificate) => (
          <Section
            key={`${certificate.issuer}/${certificate.serial}`}
            title={certificate.name ?? t("lookUp.person")}
            actions={known.includes(certificate.state) ? <CertificateTag state={certificate.state as Certificate["state"]} /> : <Tag>{certificate.state}</Tag>}
          >
            <Facts
              items={[
                [t("lookUp.serial"), <code key="serial">{certificate.serial}</code>],
                [t("lookUp.issuer"), certificate.issuer],
                [t("lookUp.organisation"), certificate.organisation],
                [t("lookUp.from"), formatDate(certificate.not_before)],
                [t("lookUp.to"), formatDate(certificate.not_after)],
                [t("lookUp.revoked"), formatTime(certificate.revoked)],
              ]}
            />
          </Section>
        ))}
      </div>
    </div>
  );
}
