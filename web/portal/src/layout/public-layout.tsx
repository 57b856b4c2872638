import { MenuOutlined, UserAddOutlined } from "@ant-design/icons";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, Outlet, useNavigate } from "react-router";
import { useSession } from "@/app/session";
import { homeOf } from "@/app/access";
import { Brand, Main, OfflineNotice, SkipLink } from "./frame";
import { LanguageSwitch } from "./language-switch";

const entries = [
  ["home", "/"],
  ["news", "/tin-tuc"],
  ["services", "/dich-vu"],
  ["lookUp", "/tra-cuu"],
  ["verify", "/xac-thuc-van-ban"],
  ["resources", "/tai-nguyen"],
  ["guides", "/huong-dan"],
  ["contact", "/lien-he"],
] as const;

function Entries({ className, onGo }: { className?: string; onGo?: () => void }) {
  const { t } = useTranslation();
  return (
    <ul className={className}>
      {entries.map(([name, to]) => (
        <li key={to}>
          <NavLink to={to} end={to === "/"} onClick={onGo}>
            {t(`nav.${name}`)}
          </NavLink>
        </li>
      ))}
    </ul>
  );
}

function SignInButtons({ onGo }: { onGo?: () => void }) {
  const { t } = useTranslation();
  const { account, session } = useSession();
  const navigate = useNavigate();
  const go = (to: string) => () => {
    onGo?.();
    void navigate(to);
  };
  if (account)
    return (
      <Button type="primary" onClick={go(homeOf(account.roles))}>
        {t("nav.work")}
      </Button>
    );
  if (!session) return null;
  return (
    <>
      <Button icon={<UserAddOutlined aria-hidden />} onClick={go("/dang-ky")}>
        {t("nav.register")}
      </Button>
      <Button type="primary" onClick={go("/dang-nhap")}>
        {t("nav.signIn")}
      </Button>
    </>
  );
}

export function PublicLayout() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <div className="k-public">
      <SkipLink />
      <header className="k-top">
        <div className="k-width k-brand-row">
          <Brand />
          <div className="k-brand-tools k-wide-only">
            <LanguageSwitch />
            <SignInButtons />
          </div>
          <Button className="k-menu-button" icon={<MenuOutlined aria-hidden />} aria-label={t("site.menu")} aria-expanded={open} onClick={() => setOpen(true)} />
        </div>
        <nav className="k-nav" aria-label={t("site.mainMenu")}>
          <div className="k-width">
            <Entries />
          </div>
        </nav>
      </header>
      <OfflineNotice />
      <Drawer open={open} onClose={close} title={t("site.mainMenu")} size={320} closable={{ "aria-label": t("site.closeMenu") }}>
        <nav aria-label={t("site.mainMenu")}>
          <Entries className="k-drawer-nav" onGo={close} />
        </nav>
        <div className="k-row k-drawer-tools">
          <SignInButtons onGo={close} />
          <LanguageSwitch />
        </div>
      </Drawer>
      <Main>
        <Outlet />
      </Main>
      <footer className="k-foot">
        <div className="k-width k-foot-grid">
          <div>
            <p>
              <strong>{t("site.name")}</strong>
            </p>
            <p>{t("site.footer")}</p>
            <p>{t("site.footerNote")}</p>
          </div>
          <nav aria-label={t("site.links")}>
            <ul>
              <li>
                <Link to="/huong-dan">{t("nav.guides")}</Link>
              </li>
              <li>
                <Link to="/tai-nguyen/chung-thu-so">CA, CRL, OCSP, TSA</Link>
              </li>
              <li>
                <Link to="/lien-he">{t("nav.contact")}</Link>
              </li>
            </ul>
          </nav>
        </div>
      </footer>
    </div>
  );
}
