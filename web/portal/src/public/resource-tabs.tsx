import "./content.css";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

export function ResourceTabs() {
  const { t } = useTranslation("public");
  return (
    <nav aria-label={t("content.resource")}>
      <ul className="p-tabs">
        <li>
          <NavLink to="/tai-nguyen" end>
            {t("content.resource")}
          </NavLink>
        </li>
        <li>
          <NavLink to="/tai-nguyen/chung-thu-so">{t("authorities.title")}</NavLink>
        </li>
      </ul>
    </nav>
  );
}
