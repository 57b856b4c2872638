import "./dossiers.css";
import { CheckCircleFilled, CloseCircleFilled, DownloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { download } from "@/api/client";
import type { Dossier, Letter } from "@/api/types";
import { useLanguage } from "@/i18n";
import { formatDate, formatSize, formatTime } from "@/lib/format";
import { useNotify } from "@/ui/use-notify";
import { FindingList } from "./finding-list";

// "Văn bản/Hồ sơ ký số hợp lệ Ký bởi: …", or why not and what to do.
export function LetterVerdict({ dossier, letter, actions }: { dossier: Dossier; letter: Letter; actions?: ReactNode }) {
  const { t, i18n } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const language = useLanguage();
  const notify = useNotify();
  const text = (language === "en" && letter.text_en) || letter.text || t(letter.is_valid ? "letter.valid" : "letter.invalid");
  const isCounted = letter.role === "request" && letter.count_in_letter !== undefined;
  const differs = isCounted && letter.count_in_letter !== dossier.line_count;
  const get = () => download(`/api/v1/dossiers/${encodeURIComponent(dossier.id)}/letters/${letter.role}`, letter.file).catch(notify.failed);
  return (
    <div className={`d-verdict d-verdict-${letter.is_valid ? "good" : "bad"}`} role="group" aria-label={letter.file}>
      <div className="d-verdict-head">
        <span className="d-verdict-icon" aria-hidden="true">
          {letter.is_valid ? <CheckCircleFilled /> : <CloseCircleFilled />}
        </span>
        <div className="d-verdict-text">
          <strong>{text}</strong>
          <small>
            {letter.file} · {formatSize(letter.size, i18n.language)}
            {letter.attached && ` · ${formatTime(letter.attached)}`}
          </small>
        </div>
        <div className="k-row">
          <Button size="small" icon={<DownloadOutlined aria-hidden />} onClick={() => void get()}>
            {common("action.download")}
          </Button>
          {actions}
        </div>
      </div>
      {letter.problems.length > 0 && <FindingList findings={letter.problems} keyOf={(_, at) => letter.problems[at]!.id} />}
      {(letter.signers?.length ?? 0) > 0 && (
        <ul className="k-plain d-signers" aria-label={t("letter.signers")}>
          {letter.signers!.map((signer) => (
            <li key={`${signer.serial}${signer.name}`}>
              <strong>{signer.name}</strong> {signer.is_organisation && <span className="k-muted">({common("certificateKind.organisation")})</span>}
              <small>
                {[signer.organisation, signer.email, signer.serial, signer.time_stamp ? t("letter.stamped", { time: formatTime(signer.time_stamp, true) }) : t("letter.unstamped")].filter(Boolean).join(" · ")}
              </small>
            </li>
          ))}
        </ul>
      )}
      {(isCounted || letter.number_in_letter || letter.date_in_letter) && (
        <p className="d-no-gap">
          {isCounted && <span className={differs ? "d-bad-text" : undefined}>{t("letter.counts", { letter: letter.count_in_letter, list: dossier.line_count, stated: dossier.form.stated_count ?? "–" })} </span>}
          {letter.number_in_letter && <span className="k-muted">{t("letter.numbers", { number: letter.number_in_letter, date: formatDate(letter.date_in_letter) })}</span>}
        </p>
      )}
    </div>
  );
}
