import { CheckCircleOutlined, LoadingOutlined, SafetyOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { CaptchaAnswer } from "@/api/types";

type State = "idle" | "working" | "done" | "failed";

export interface CaptchaKeeper {
  state: State;
  answer: () => Promise<CaptchaAnswer>; // solves a puzzle if none is solved; each answer counts once
  prepare: () => void; // begins while the form is still being filled in
  reset: () => void; // after the server has used the answer
}

function solveInWorker(id: string, difficulty: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("../lib/proof-of-work.worker.ts", import.meta.url), { type: "module" });
    const end = () => worker.terminate();
    signal.addEventListener("abort", end);
    worker.onmessage = (event: MessageEvent<string>) => {
      end();
      resolve(event.data);
    };
    worker.onerror = (event) => {
      end();
      reject(new Error(event.message));
    };
    worker.postMessage({ id, difficulty });
  });
}

export function useCaptcha(): CaptchaKeeper {
  const [state, setState] = useState<State>("idle");
  const pending = useRef<Promise<CaptchaAnswer>>(undefined);
  const expires = useRef(Infinity);
  const stop = useRef(new AbortController());
  useEffect(() => {
    stop.current = new AbortController();
    return () => stop.current.abort();
  }, []);

  const start = useCallback(async (): Promise<CaptchaAnswer> => {
    setState("working");
    try {
      const puzzle = await unwrap(api.POST("/api/v1/captcha"));
      expires.current = puzzle.expires ? new Date(puzzle.expires).getTime() - 5000 : Infinity;
      const answer = await solveInWorker(puzzle.id, puzzle.difficulty, stop.current.signal);
      setState("done");
      return { id: puzzle.id, answer };
    } catch (error) {
      setState("failed");
      pending.current = undefined;
      throw error;
    }
  }, []);

  const answer = useCallback(() => {
    if (Date.now() > expires.current) pending.current = undefined;
    expires.current = pending.current ? expires.current : Infinity;
    pending.current ??= start();
    return pending.current;
  }, [start]);
  const prepare = useCallback(() => void answer().catch(() => undefined), [answer]);
  const reset = useCallback(() => {
    pending.current = undefined;
    expires.current = Infinity;
    setState("idle");
  }, []);
  return { state, answer, prepare, reset };
}

// "Mã xác nhận" without letters to decipher: tells what the browser does, to everybody.
export function CaptchaField({ captcha }: { captcha: CaptchaKeeper }) {
  const { t } = useTranslation();
  const icon = { idle: <SafetyOutlined />, working: <LoadingOutlined />, done: <CheckCircleOutlined />, failed: <SafetyOutlined /> }[captcha.state];
  return (
    <div className={`k-captcha k-captcha-${captcha.state}`}>
      <span className="k-captcha-icon" aria-hidden="true">
        {icon}
      </span>
      <span>
        <b>{t("captcha.label")}</b>
        <span role="status">{t(`captcha.${captcha.state}`)}</span>
      </span>
      {captcha.state === "failed" && (
        <Button size="small" onClick={captcha.prepare}>
          {t("action.retry")}
        </Button>
      )}
    </div>
  );
}
