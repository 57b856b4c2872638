import { Alert, Button, Space } from "antd";
import { useTranslation } from "react-i18next";
import type { DossierKind } from "@/api/types";
import { formatDate } from "@/lib/format";
import { fieldLabel } from "./field-label";
import type { DossierFormState } from "./use-dossier-form";

// Somebody else saved meanwhile: what came from him, and what both changed. Nothing that was typed is lost.
export function ConflictNotice({ state, kind }: { state: DossierFormState; kind: DossierKind }) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const shown = (value: unknown) => {
    if (value === true) return common("yes");
    if (value === undefined || value === null || value === "" || value === false) return t("conflict.nothing");
    return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) ? formatDate(value) : String(value);
  };
  const { conflicts, taken } = state;
  if (conflicts.length === 0 && taken.length === 0) return null;
  return (
    <Alert
      className="k-gap"
      type={conflicts.length > 0 ? "warning" : "info"}
      showIcon
      role="alert"
      title={t(conflicts.length > 0 ? "conflict.title" : "conflict.joined")}
      description={
        <>
          {taken.length > 0 && <p>{t("conflict.taken", { fields: taken.map((field) => fieldLabel(t, kind, field)).join(", ") })}</p>}
          {conflicts.length > 0 && (
            <ul className="k-plain d-conflicts">
              {conflicts.map((conflict) => (
                <li key={conflict.field}>
                  <div>
                    <strong>{fieldLabel(t, kind, conflict.field)}</strong>
                    <br />
                    {t("conflict.mine", { value: shown(conflict.mine) })}
                    <br />
                    {t("conflict.theirs", { value: shown(conflict.theirs) })}
                  </div>
                  <Space wrap>
                    <Button size="small" onClick={() => state.settle(conflict, false)}>
                      {t("conflict.keep")}
                    </Button>
                    <Button size="small" onClick={() => state.settle(conflict, true)}>
                      {t("conflict.take")}
                    </Button>
                  </Space>
                </li>
              ))}
            </ul>
          )}
          <p className="d-no-gap">{t("conflict.then")}</p>
        </>
      }
    />
  );
}
