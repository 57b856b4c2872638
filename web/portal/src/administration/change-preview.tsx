import "./organisations.css";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import type { OrganisationChange } from "@/api/types";
import { useLanguage } from "@/i18n";

// What a reorganisation or an import would do, and the faults of its file cell by cell.
export function ChangePreview({ change }: { change: OrganisationChange }) {
  const { t } = useTranslation("administration");
  const language = useLanguage();
  const faults = change.faults ?? [];
  return (
    <div role="status">
      <h3>{t("organisations.previewTitle")}</h3>
      <p>{t("organisations.affected", { organisations: change.affected_organisations ?? change.effects.length, certificates: change.affected_certificates ?? 0, accounts: change.affected_accounts ?? 0 })}</p>
      {change.effects.length === 0 && faults.length === 0 && <Alert className="k-gap" type="info" title={t("organisations.noEffects")} />}
      <ul className="g-effects">
        {change.effects.map((effect, at) => (
          <li key={at}>{language === "en" ? effect.text_en : effect.text}</li>
        ))}
      </ul>
      {faults.length > 0 && (
        <>
          <h3>{t("organisations.faults")}</h3>
          <table className="p-files">
            <thead>
              <tr>
                <th scope="col">{t("organisations.cell")}</th>
                <th scope="col">{t("organisations.value")}</th>
                <th scope="col">{t("organisations.fault")}</th>
                <th scope="col">{t("organisations.fix")}</th>
              </tr>
            </thead>
            <tbody>
              {faults.slice(0, 200).map((fault, at) => (
                <tr key={at}>
                  <td>
                    {fault.column}
                    {fault.row}
                  </td>
                  <td>{fault.value}</td>
                  <td>{language === "en" ? fault.message_en : fault.message}</td>
                  <td>{language === "en" ? fault.next_en : fault.next}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </div>
  );
}
