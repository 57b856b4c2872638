import { useQueryClient } from "@tanstack/react-query";
import { DownloadOutlined } from "@ant-design/icons";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { download, upload } from "@/api/client";
import type { OrganisationChange } from "@/api/types";
import { ProblemAlert } from "@/ui/problem-alert";
import { UploadBox } from "@/ui/upload-box";
import { useNotify } from "@/ui/use-notify";
import { ChangePreview } from "./change-preview";

const limit = 20 * 1024 * 1024;

export function ImportDrawer({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const [previewed, setPreviewed] = useState<{ file: File; change: OrganisationChange }>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  async function carryOut() {
    if (!previewed) return;
    setBusy(true);
    setError(undefined);
    try {
      await upload<OrganisationChange>("/api/v1/organisation-changes/import?confirm=true", previewed.file, { limit });
      notify.done(t("organisations.done"));
      await queries.invalidateQueries({ queryKey: ["organisations"] });
      await queries.invalidateQueries({ queryKey: ["organisation-changes"] });
      onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Drawer open onClose={onClose} size={860} title={t("organisations.importTitle")} closable={{ "aria-label": common("action.close") }}>
      <p>{t("organisations.importLead")}</p>
      <Button className="k-gap" icon={<DownloadOutlined aria-hidden />} onClick={() => void download("/api/v1/organisation-changes/template.xlsx", "mau-co-quan.xlsx").catch(setError)}>
        {t("organisations.template")}
      </Button>
      <UploadBox
        compact
        accept={[".xlsx", ".csv"]}
        limit={limit}
        onError={setError}
        send={async (file, onProgress, signal) => {
          setError(undefined);
          setPreviewed(undefined);
          const change = await upload<OrganisationChange>("/api/v1/organisation-changes/import", file, { onProgress, signal, limit });
          setPreviewed({ file, change });
        }}
      />
      <br />
      <ProblemAlert error={error} />
      {previewed && (
        <>
          <ChangePreview change={previewed.change} />
          {!previewed.change.faults?.some((fault) => fault.level === "block") && previewed.change.effects.length > 0 && (
            <Button type="primary" danger loading={busy} onClick={() => void carryOut()}>
              {t("organisations.carryOut")}
            </Button>
          )}
        </>
      )}
    </Drawer>
  );
}
