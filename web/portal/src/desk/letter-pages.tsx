import { FileSearchOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Dossier } from "@/api/types";
import { PdfView } from "@/ui/pdf-view";
import { Section } from "@/ui/section";

// The signed letter as it looks, beside the list that came with it.
export function LetterPages({ dossier }: { dossier: Dossier }) {
  const { t } = useTranslation("desk");
  const [open, setOpen] = useState(false);
  if (!dossier.letters?.some((letter) => letter.role === "request")) return null;
  return (
    <Section>
      <Button icon={<FileSearchOutlined aria-hidden />} aria-expanded={open} onClick={() => setOpen(!open)}>
        {t(open ? "letter.hide" : "letter.show")}
      </Button>
      {open && (
        <div className="d-above">
          <PdfView file={`/api/v1/dossiers/${encodeURIComponent(dossier.id)}/letters/request`} label={t("letter.pages")} />
        </div>
      )}
    </Section>
  );
}
