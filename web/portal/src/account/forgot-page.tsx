import "./account.css";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { PageHeader } from "@/ui/page-header";
import { ForgotPassword } from "./resend-activation";

export function Page() {
  const { t } = useTranslation("account");
  return (
    <div className="k-width k-page a-card-page">
      <div className="k-section a-card">
        <PageHeader title={t("forgot.title")} lead={t("forgot.lead")} />
        <ForgotPassword />
        <ul className="k-plain a-links">
          <li>
            <Link to="/dang-nhap">{t("signIn.submit")}</Link>
          </li>
        </ul>
      </div>
    </div>
  );
}
