import "./content.css";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

export function LookUpTabs() {
  const { t } = useTranslation("public");
  return (
    <nav aria-label={t("lookUp.title")}>
      <ul className="p-tabs">
        <li>
          <NavLink to="/tra-cuu" end>
            {t("lookUp.dossiers")}
          </NavLink>
        </li>
        <li>
          <NavLink to="/tra-cuu/chung-thu-so">{t("lookUp.certificates")}</NavLink>
        </li>
      </ul>
    </nav>
  );
}
