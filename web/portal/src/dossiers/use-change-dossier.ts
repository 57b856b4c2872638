import { useState } from "react";
import { useNavigate } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Certificate } from "@/api/types";
import { useLanguage } from "@/i18n";
import { useNotify } from "@/ui/use-notify";
import { withFields } from "./refused";

// "Lập hồ sơ 04": a draft with these certificates in it; changed names keep the end of validity, others are renewed.
export function useChangeDossier() {
  const navigate = useNavigate();
  const notify = useNotify();
  const language = useLanguage();
  const [busy, setBusy] = useState(false);

  async function make(certificates: readonly Certificate[]) {
    setBusy(true);
    try {
      const dossier = await unwrap(api.POST("/api/v1/dossiers", { body: { kind: "04" } }));
      const lines = certificates.map(({ issuer, serial, is_stale }) => ({ issuer, serial, action: is_stale ? ("change" as const) : ("renew" as const) }));
      try {
        await unwrap(api.POST("/api/v1/dossiers/{id}/lines", { params: { path: { id: dossier.id } }, body: { lines } }));
      } catch (error) {
        notify.failed(withFields(error, language, certificates.map((certificate) => certificate.serial))); // the draft is there; its owner adds the lines by hand
      }
      await navigate(`/ho-so/${dossier.id}`);
    } catch (error) {
      notify.failed(error);
    } finally {
      setBusy(false);
    }
  }
  return { busy, make };
}
