import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import { useEffect, useRef, useState } from "react";

GlobalWorkerOptions.workerSrc = workerUrl;

interface PdfPageProps {
  file: Blob | string;
  page: number;
  onPages: (pages: number) => void;
  onError: (error: unknown) => void;
}

export default function PdfPage({ file, page, onPages, onError }: PdfPageProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [text, setText] = useState("");
  const [document, setDocument] = useState<PDFDocumentProxy>();

  useEffect(() => {
    let left = false;
    let close: (() => Promise<void>) | undefined;
    async function open() {
      const source = typeof file === "string" ? { url: file, withCredentials: true } : { data: new Uint8Array(await file.arrayBuffer()) };
      // Neither eval nor WebAssembly: the portal's policy allows neither.
      const task = getDocument({ ...source, isEvalSupported: false, useWasm: false, enableXfa: false, stopAtErrors: false });
      close = () => task.destroy();
      const opened = await task.promise;
      if (left) return;
      onPages(opened.numPages);
      setDocument(opened);
    }
    open().catch((error: unknown) => !left && onError(error));
    return () => {
      left = true;
      void close?.();
    };
  }, [file, onPages, onError]);

  useEffect(() => {
    let stop: (() => void) | undefined;
    let left = false;
    async function draw(opened: PDFDocumentProxy) {
      const shown = await opened.getPage(page);
      if (left || !canvas.current) return;
      const width = canvas.current.parentElement?.clientWidth ?? 800;
      const scale = Math.min(3, (width * Math.min(2, window.devicePixelRatio || 1)) / shown.getViewport({ scale: 1 }).width);
      const viewport = shown.getViewport({ scale });
      canvas.current.width = Math.floor(viewport.width);
      canvas.current.height = Math.floor(viewport.height);
      const task = shown.render({ canvas: canvas.current, viewport });
      stop = () => task.cancel();
      await task.promise;
      // The same words for screen readers.
      const content = await shown.getTextContent();
      if (!left) setText(content.items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : " ") : "")).join(""));
    }
    if (document) draw(document).catch((error: unknown) => !left && (error as Error).name !== "RenderingCancelledException" && onError(error));
    return () => {
      left = true;
      stop?.();
    };
  }, [document, page, onError]);

  return (
    <div className="f-page">
      <canvas ref={canvas} aria-hidden="true" />
      <div className="k-hidden">{text}</div>
    </div>
  );
}
