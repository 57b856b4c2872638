import { InboxOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { type DragEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatSize } from "@/lib/format";

interface UploadBoxProps {
  accept: string[]; // [".pdf"]
  limit: number; // bytes
  send: (file: File, onProgress: (fraction: number) => void, signal: AbortSignal) => Promise<unknown>;
  onError: (error: unknown) => void;
  title?: string;
  hint?: string;
  disabled?: boolean;
  compact?: boolean;
}

// A file by drag and drop, by mouse or by keyboard; says to screen readers how far it is.
export function UploadBox({ accept, limit, send, onError, title, hint, disabled, compact }: UploadBoxProps) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const stop = useRef<AbortController>(undefined);
  const [over, setOver] = useState(false);
  const [wrong, setWrong] = useState(false);
  const [state, setState] = useState<{ name: string; fraction: number; sent: boolean }>();
  const busy = state !== undefined && !state.sent;
  const types = accept.join(", ");

  async function take(file: File | undefined) {
    if (!file || busy || disabled) return;
    const fits = accept.some((extension) => file.name.toLowerCase().endsWith(extension));
    setWrong(!fits);
    if (!fits) return;
    stop.current = new AbortController();
    setState({ name: file.name, fraction: 0, sent: false });
    try {
      await send(file, (fraction) => setState({ name: file.name, fraction, sent: false }), stop.current.signal);
      setState({ name: file.name, fraction: 1, sent: true });
    } catch (error) {
      setState(undefined);
      onError(error);
    } finally {
      if (input.current) input.current.value = "";
    }
  }

  function dropped(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  }

  return (
    <div
      className={`k-upload${over ? " k-upload-over" : ""}${compact ? " k-upload-compact" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
    >
      {!compact && <InboxOutlined className="k-upload-icon" aria-hidden />}
      <label htmlFor={id} className="k-upload-title">
        {title ?? t("upload.drop")}
      </label>
      <input ref={input} id={id} className="k-upload-input" type="file" accept={types} disabled={disabled || busy} aria-describedby={`${id}-hint`} onChange={(event) => void take(event.target.files?.[0])} />
      <span className="k-upload-button" aria-hidden="true">
        {t("action.chooseFile")}
      </span>
      <p id={`${id}-hint`} className="k-hint">
        {[hint, t("upload.types", { types }), t("upload.limit", { size: formatSize(limit, i18n.language) })].filter(Boolean).join(" · ")}
      </p>
      {wrong && (
        <p role="alert" className="k-field-error">
          {t("upload.wrongType", { types })}
        </p>
      )}
      {state && (
        <div className="k-upload-state">
          <span role="status">{state.sent ? t("upload.sent", { name: state.name }) : t("upload.sending", { name: state.name, percent: 10 * Math.floor(state.fraction * 10) })}</span>
          {busy && (
            <>
              <progress value={state.fraction} max={1} aria-hidden="true" />
              <Button size="small" onClick={() => stop.current?.abort()}>
                {t("upload.cancel")}
              </Button>
            </>
          )}
        </div>
      )}
    </div>
  );
}
