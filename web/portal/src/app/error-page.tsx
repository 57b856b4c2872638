import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { isRouteErrorResponse, Link, useRouteError } from "react-router";
import { ProblemAlert } from "@/ui/problem-alert";

// A page that fails leaves the others alone. A page whose parts are gone from the server belongs to an older version.
export function ErrorPage() {
  const { t } = useTranslation();
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFoundPage />;
  const isOld = error instanceof TypeError && /import|module/i.test(error.message);
  return (
    <div className="k-width k-page" role="alert">
      <h1>{t("problem.page")}</h1>
      {isOld ? <p>{t("problem.version")}</p> : <ProblemAlert error={error} />}
      <Button type="primary" onClick={() => window.location.reload()}>
        {t("action.reload")}
      </Button>
    </div>
  );
}

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <div className="k-width k-page">
      <h1>{t("problem.notFound")}</h1>
      <p>{t("problem.notFoundHint")}</p>
      <Link to="/">{t("site.home")}</Link>
    </div>
  );
}
