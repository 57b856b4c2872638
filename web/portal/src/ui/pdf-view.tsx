import "./pdf-view.css";
import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "./problem-alert";

const PdfPage = lazy(() => import("./pdf-page"));

interface PdfViewProps {
  file: Blob | string; // what the person has chosen, or an address of this portal
  label: string;
}

// One page of a PDF at a time. pdf.js is loaded when one is shown; scripts inside of documents never run.
export function PdfView({ file, label }: PdfViewProps) {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const [pages, setPages] = useState(0);
  const [error, setError] = useState<unknown>();
  if (error) return <ProblemAlert error={error} />;
  const loading = <p role="status">{t("pdf.loading")}</p>;
  return (
    <figure className="f-view" aria-label={label}>
      {pages > 0 && (
        <figcaption className="k-row">
          <Button icon={<LeftOutlined aria-hidden />} disabled={page <= 1} onClick={() => setPage(page - 1)} aria-label={t("pdf.previous")} />
          <span role="status">{t("pdf.page", { page, pages })}</span>
          <Button icon={<RightOutlined aria-hidden />} disabled={page >= pages} onClick={() => setPage(page + 1)} aria-label={t("pdf.next")} />
        </figcaption>
      )}
      <Suspense fallback={loading}>
        <PdfPage file={file} page={page} onPages={setPages} onError={setError} />
      </Suspense>
    </figure>
  );
}
