import { StyleProvider } from "@ant-design/cssinjs";
import { LoadingOutlined } from "@ant-design/icons";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/es/locale/en_US";
import viVN from "antd/es/locale/vi_VN";
import dayjs from "dayjs";
import "dayjs/locale/vi";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";
import { useLanguage } from "@/i18n";
import { SessionProvider } from "./session";
import { theme } from "./theme";

// All styles are in the style sheets of the build. What Ant Design would still add at run time (the variables' values) goes into
// an element that is never shown, because style-src 'self' forbids it in the page.
const nowhere = document.createElement("div");

function newQueries() {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        refetchOnWindowFocus: false,
        // Lost connections and busy servers pass; what is refused is refused.
        retry: (count, error) => {
          const { status } = asProblem(error);
          return count < 2 && (status === 0 || status === 502 || status === 503 || status === 504);
        },
        retryDelay: (count) => 500 * 2 ** count,
      },
    },
  });
}

export function Providers({ children, queries }: { children: ReactNode; queries?: QueryClient }) {
  const language = useLanguage();
  const { t } = useTranslation();
  const [client] = useState(() => queries ?? newQueries());
  useEffect(() => {
    dayjs.locale(language);
  }, [language]);
  return (
    <StyleProvider container={nowhere}>
      <ConfigProvider
        theme={theme}
        locale={language === "en" ? enUS : viVN}
        // Ant Design's own icon leaves by a transition that may never end: buttons were called "loading Lưu" ever after.
        button={{ autoInsertSpace: false, loadingIcon: <LoadingOutlined aria-label={t("loading")} /> }}
        form={{ scrollToFirstError: { behavior: "auto", block: "center", focus: true }, colon: false }}
      >
        <AntApp message={{ maxCount: 3 }}>
          <QueryClientProvider client={client}>
            <SessionProvider>{children}</SessionProvider>
          </QueryClientProvider>
        </AntApp>
      </ConfigProvider>
    </StyleProvider>
  );
}
