import "./account.css";
import { CheckCircleOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { ResendActivation } from "./resend-activation";
import { useLinkToken } from "./use-link-token";

// A button instead of at once: mail scanners open links too, and the code counts once.
export function Page() {
  const { t } = useTranslation("account");
  const token = useLinkToken();
  const activation = useMutation({ mutationFn: () => unwrap(api.POST("/api/v1/accounts/activation", { body: { token } })) });
  if (activation.isSuccess)
    return (
      <div className="k-width k-page k-narrow">
        <div className="k-section a-done" role="status">
          <CheckCircleOutlined className="a-done-icon" aria-hidden />
          <PageHeader title={t("activate.done")} />
          <p>{t("activate.doneText")}</p>
          <Link to="/dang-nhap">{t("signIn.submit")}</Link>
        </div>
      </div>
    );
  return (
    <div className="k-width k-page k-narrow">
      <div className="k-section">
        <PageHeader title={t("activate.title")} />
        <ProblemAlert error={activation.error} />
        {token && !activation.error ? (
          <>
            <p>{t("activate.confirm")}</p>
            <Button type="primary" size="large" loading={activation.isPending} onClick={() => activation.mutate()}>
              {t("activate.submit")}
            </Button>
          </>
        ) : (
          <>
            {!token && <p>{t("activate.missing")}</p>}
            <ResendActivation />
          </>
        )}
      </div>
    </div>
  );
}
