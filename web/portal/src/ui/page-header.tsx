import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

export interface Crumb {
  text: string;
  to?: string;
}

// Every page begins with one: it names the page in the window's title too.
export function PageHeader({ title, lead, crumbs = [], actions }: { title: string; lead?: ReactNode; crumbs?: Crumb[]; actions?: ReactNode }) {
  const { t } = useTranslation();
  const site = t("site.name");
  useEffect(() => {
    document.title = `${title} – ${site}`;
  }, [title, site]);
  return (
    <div className="k-page-header">
      <div className="k-page-header-text">
        {crumbs.length > 0 && (
          <nav aria-label={t("site.path")}>
            <ol className="k-crumbs">
              {crumbs.map((crumb) => (
                <li key={crumb.text}>{crumb.to ? <Link to={crumb.to}>{crumb.text}</Link> : crumb.text}</li>
              ))}
            </ol>
          </nav>
        )}
        <h1 tabIndex={-1}>{title}</h1>
        {lead && <p className="k-lead">{lead}</p>}
      </div>
      {actions && <div className="k-page-actions">{actions}</div>}
    </div>
  );
}
