import "./dossiers.css";
import { CheckOutlined, CloseOutlined, RollbackOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { Dossier } from "@/api/types";
import { formatDate, formatTime } from "@/lib/format";

type Place = "draft" | "submitted" | "processing" | "delivery" | "completed";
const places: Place[] = ["draft", "submitted", "processing", "delivery", "completed"];

export function placeOf(dossier: Pick<Dossier, "state" | "step">): Place {
  if (dossier.state === "completed") return "completed";
  if (dossier.state === "processing") return dossier.step === "delivery" || dossier.step === "done" ? "delivery" : "processing";
  if (dossier.state === "submitted") return "submitted";
  return dossier.state === "rejected" ? "processing" : "draft";
}

// Where the dossier is on its way, in words and in a line.
export function Stepper({ dossier, isOfficer }: { dossier: Dossier; isOfficer?: boolean }) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const here = places.indexOf(placeOf(dossier));
  const times: Record<Place, string> = {
    draft: formatTime(dossier.created),
    submitted: formatTime(dossier.submitted),
    processing: formatTime(dossier.received),
    delivery: dossier.appointment ? t("step.appointed", { date: formatDate(dossier.appointment) }) : "",
    completed: formatTime(dossier.finished),
  };
  return (
    <ol className="d-steps" aria-label={t("step.label")}>
      {places.map((place, at) => {
        const isHere = at === here;
        const isBack = isHere && dossier.state === "returned", isRefused = isHere && dossier.state === "rejected";
        const mood = isRefused ? "bad" : isBack ? "warn" : at < here || dossier.state === "completed" ? "done" : isHere ? "here" : "ahead";
        const name = isBack ? common("state.returned") : isRefused ? common("state.rejected") : t(`step.${place}`);
        return (
          <li key={place} className={`d-step d-step-${mood}`} aria-current={isHere ? "step" : undefined}>
            <span className="d-step-mark" aria-hidden="true">
              {isRefused ? <CloseOutlined /> : isBack ? <RollbackOutlined /> : mood === "done" ? <CheckOutlined /> : at + 1}
            </span>
            <span className="d-step-text">
              <strong>{name}</strong>
              {at < here && <span className="k-hidden"> ({t("step.passed")})</span>}
              {isHere && place === "processing" && dossier.state === "processing" && dossier.step && dossier.step !== "none" && <small>{common(`step.${dossier.step}`)}</small>}
              {at <= here && times[place] && <small>{times[place]}</small>}
              {isHere && isOfficer && dossier.handler?.name && <small>{dossier.handler.name}</small>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
