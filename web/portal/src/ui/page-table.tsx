import "@/generated/work.css";
import { Button, Table, type TableProps } from "antd";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "./problem-alert";
import type { Pages } from "./use-pages";

export type PageTableProps<T extends object> = Omit<TableProps<T>, "dataSource" | "pagination" | "loading"> & {
  pages: Pages<T>;
  label: string; // what the table is, for screen readers
  emptyText?: React.ReactNode;
};

// A table over usePages(): rows are added below by "Xem thêm bản ghi"; an error stands above what is there already.
export function PageTable<T extends object>({ pages, label, emptyText, ...table }: PageTableProps<T>) {
  const { t } = useTranslation();
  return (
    <div className="k-table" role="region" aria-label={label}>
      <ProblemAlert error={pages.error} onRetry={pages.refresh} />
      <Table<T>
        size="middle"
        scroll={{ x: true }}
        locale={{ emptyText: pages.isLoading ? t("table.loading") : (emptyText ?? t("table.empty")) }}
        {...table}
        dataSource={pages.items}
        pagination={false}
        loading={pages.isLoading}
      />
      <div className="k-table-foot">
        <span role="status">{pages.items.length > 0 && t("table.shown", { count: pages.items.length })}</span>
        {pages.hasMore && (
          <Button onClick={pages.more} loading={pages.isFetching}>
            {t("table.more")}
          </Button>
        )}
      </div>
    </div>
  );
}
