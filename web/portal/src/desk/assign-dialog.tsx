import "./desk.css";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { loadDossier } from "@/dossiers/queries";
import { ProblemAlert } from "@/ui/problem-alert";
import { useNotify } from "@/ui/use-notify";

interface Props {
  dossiers: readonly { id: string; code: string; letter_number?: string; revision?: number }[] | undefined;
  onClose: () => void;
  onDone: () => void;
}

// "Chuyên viên xử lý hồ sơ": one officer for one or several dossiers.
export function AssignDialog({ dossiers, onClose, onDone }: Props) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const notify = useNotify();
  const queries = useQueryClient();
  const [account, setAccount] = useState<string>();
  const [busy, setBusy] = useState(false);
  const { data, error, refetch } = useQuery({ queryKey: ["desk", "officers"], queryFn: () => unwrap(api.GET("/api/v1/desk/officers")), enabled: !!dossiers });
  const officers = data?.items.filter((officer) => officer.roles.includes("receiving")) ?? [];

  async function assign() {
    if (!account || !dossiers) return;
    setBusy(true);
    try {
      for (const { id, revision } of dossiers) await unwrap(api.PUT("/api/v1/desk/dossiers/{id}/assignment", { params: { path: { id } }, body: { account, revision: revision ?? (await loadDossier(id)).revision } }));
      notify.done(t("assign.done", { name: officers.find((officer) => officer.account === account)?.name }));
      onDone();
    } catch (failure) {
      notify.failed(failure);
    } finally {
      setBusy(false);
      void queries.invalidateQueries({ queryKey: ["desk"] });
      for (const { id } of dossiers) void queries.invalidateQueries({ queryKey: ["dossier", id] });
    }
  }
  return (
    <Modal open={!!dossiers} onCancel={onClose} title={t("assign.title")} okText={t("assign.button")} cancelText={common("action.close")} okButtonProps={{ disabled: !account, loading: busy }} onOk={() => void assign()} destroyOnHidden>
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      <p>{t("assign.what", { count: dossiers?.length ?? 0 })}</p>
      <Radio.Group className="q-officers" value={account} onChange={(event) => setAccount(event.target.value as string)} aria-label={t("assign.title")}>
        {officers.map((officer) => (
          <Radio key={officer.account} value={officer.account}>
            {officer.name} {officer.open !== undefined && <span className="k-muted">({t("assign.open", { count: officer.open })})</span>}
          </Radio>
        ))}
      </Radio.Group>
    </Modal>
  );
}
