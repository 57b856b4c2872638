import { GlobalOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { setLanguage, useLanguage } from "@/i18n";

// Names the other language in that language.
export function LanguageSwitch() {
  const { t } = useTranslation();
  const language = useLanguage();
  const other = language === "vi" ? "en" : "vi";
  return (
    <Button icon={<GlobalOutlined aria-hidden />} lang={other} onClick={() => setLanguage(other)}>
      {t(other === "en" ? "site.toEnglish" : "site.toVietnamese")}
    </Button>
  );
}
