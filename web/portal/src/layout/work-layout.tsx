import "@/generated/work.css";
import { LogoutOutlined, MenuOutlined, UserOutlined } from "@ant-design/icons";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, Outlet, useLocation, useNavigate } from "react-router";
import { useSession } from "@/app/session";
import { PageLoading } from "@/ui/page-loading";
import { ProblemAlert } from "@/ui/problem-alert";
import { useNotify } from "@/ui/use-notify";
import { Brand, Main, OfflineNotice, SkipLink } from "./frame";
import { LanguageSwitch } from "./language-switch";
import { WorkMenu } from "./work-menu";

// For signed-in people; others are sent to sign in and come back afterwards.
export function WorkLayout() {
  const { t } = useTranslation();
  const { session, account, error, refresh, signOut } = useSession();
  const { pathname, search } = useLocation();
  const navigate = useNavigate();
  const notify = useNotify();
  const [open, setOpen] = useState(false);

  if (!session) return error ? <ProblemAlert error={error} onRetry={() => void refresh()} /> : <PageLoading />;
  if (!account) return <Navigate to={`/dang-nhap?return_to=${encodeURIComponent(pathname + search)}`} replace />;

  async function leave() {
    try {
      // First away from here: a page for signed-in people would ask to sign in again.
      await navigate("/");
      await signOut();
    } catch (failure) {
      notify.failed(failure);
    }
  }
  const chain = account.organisation.chain.join("; ") || account.organisation.name;
  return (
    <div className="k-work">
      <SkipLink />
      <div className="k-work-head">
        <header className="k-work-top">
          <Button className="k-menu-button" icon={<MenuOutlined aria-hidden />} aria-label={t("site.menu")} aria-expanded={open} onClick={() => setOpen(true)} />
          <Brand />
          <div className="k-who k-wide-only" title={chain}>
            <b>{account.name}</b>
            <small>{account.organisation.name}</small>
          </div>
          <span className="k-wide-only">
            <LanguageSwitch />
          </span>
          <Button icon={<UserOutlined aria-hidden />} aria-label={t("nav.account")} title={t("nav.account")} onClick={() => void navigate("/tai-khoan")} />
          <Button icon={<LogoutOutlined aria-hidden />} aria-label={t("nav.signOut")} title={t("nav.signOut")} onClick={() => void leave()} />
        </header>
        <OfflineNotice />
      </div>
      <aside className="k-side">
        <div className="k-side-stick">
          <WorkMenu />
        </div>
      </aside>
      <Drawer open={open} onClose={() => setOpen(false)} placement="left" title={account.name} size={320} rootClassName="k-side-drawer" closable={{ "aria-label": t("site.closeMenu") }}>
        <div className="k-side-in-drawer">
          <WorkMenu onGo={() => setOpen(false)} />
        </div>
        <LanguageSwitch />
      </Drawer>
      <Main className="k-main">
        <Outlet />
      </Main>
    </div>
  );
}
