import { type ReactNode, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, ScrollRestoration, useLocation } from "react-router";
import { useOnline } from "@/lib/online";
import { PageLoading } from "@/ui/page-loading";

export function SkipLink() {
  const { t } = useTranslation();
  return (
    <a className="k-skip" href="#main" onClick={(event) => {
      event.preventDefault();
      document.getElementById("main")?.focus();
    }}>
      {t("site.skip")}
    </a>
  );
}

export function Brand({ to = "/" }: { to?: string }) {
  const { t } = useTranslation();
  return (
    <Link to={to} className="k-brand">
      <img src="/mark.svg" alt="" width="46" height="46" />
      <span className="k-brand-words">
        <small>{t("site.system")}</small>
        <strong>{t("site.name")}</strong>
      </span>
    </Link>
  );
}

// The place of the page. A new page begins at its top, and screen readers hear its name.
export function Main({ children, className }: { children: ReactNode; className?: string }) {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <main id="main" ref={main} tabIndex={-1} className={className}>
      <Suspense fallback={<PageLoading />}>{children}</Suspense>
      <ScrollRestoration />
    </main>
  );
}

// Above the page, where it covers nothing that is still of use.
export function OfflineNotice() {
  const { t } = useTranslation();
  const online = useOnline();
  return <div role="status" className="k-connection">{!online && <div className="k-offline">{t("problem.offline")}</div>}</div>;
}
