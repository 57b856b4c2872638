import { Alert, Button, Space } from "antd";
import { useTranslation } from "react-i18next";
import type { DraftKeeper } from "@/lib/drafts";
import { formatTime } from "@/lib/format";

// Offers what useDraft() found.
export function DraftNotice<T>({ drafts, onRestore }: { drafts: DraftKeeper<T>; onRestore: (value: T) => void }) {
  const { t } = useTranslation();
  if (!drafts.found) return null;
  const { value, at } = drafts.found;
  return (
    <Alert
      type="info"
      showIcon
      className="k-gap"
      title={t("draft.found", { time: formatTime(new Date(at).toISOString()) })}
      action={
        <Space>
          <Button
            type="primary"
            size="small"
            onClick={() => {
              onRestore(value);
              drafts.forget();
              drafts.keep(value);
            }}
          >
            {t("draft.restore")}
          </Button>
          <Button size="small" onClick={drafts.forget}>
            {t("draft.forget")}
          </Button>
        </Space>
      }
    />
  );
}
