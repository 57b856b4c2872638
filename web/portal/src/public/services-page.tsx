import "./content.css";
import { DownloadOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Facts } from "@/ui/facts";
import { PageHeader } from "@/ui/page-header";
import { kindIcons, kinds } from "./kind-icons";

export function Page() {
  const { t } = useTranslation("public");
  const { t: common } = useTranslation();
  return (
    <div className="k-width k-page">
      <PageHeader title={t("services.title")} lead={t("services.lead")} />
      <div className="p-services">
        {kinds.map((kind) => (
          <section key={kind} className="k-section p-service" aria-labelledby={`kind-${kind}`}>
            <span className="p-service-icon" aria-hidden="true">
              {kindIcons[kind]}
            </span>
            <div>
              <h2 id={`kind-${kind}`}>{common(`kind.${kind}`)}</h2>
              <p className="k-muted">{t(`kindText.${kind}`)}</p>
              <Facts
                items={[
                  [t("services.what"), t(`services.need.${kind}`)],
                  [t("services.deadline"), t(kind === "05" ? "services.deadlineRevocation" : "services.deadlineNormal")],
                ]}
              />
              <p className="k-row">
                <Link to={`/ho-so/di?new=${kind}`}>{t("services.start")}</Link>
                <a href={`/api/v1/templates/${kind}.xlsx`} download>
                  <DownloadOutlined aria-hidden /> {t("services.template")}
                </a>
              </p>
            </div>
          </section>
        ))}
      </div>
    </div>
  );
}
