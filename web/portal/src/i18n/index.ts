import i18next, { type BackendModule, type ReadCallback } from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import type { Language } from "@/api/problem";
import viCommon from "./locales/vi/common.json";

// Vietnamese first. One file per language and namespace: locales/vi/dossiers.json is useTranslation("dossiers"); it is loaded when
// a page asks for it (the page waits in its Suspense).
const files = import.meta.glob<Record<string, unknown>>("./locales/*/*.json", { import: "default" });

const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read(language: string, namespace: string, callback: ReadCallback) {
    const load = files[`./locales/${language}/${namespace}.json`];
    if (!load) return callback(new Error(`no texts ${language}/${namespace}`), null);
    load().then((texts) => callback(null, texts), (error: Error) => callback(error, null));
  },
};

const remembered = "kyso-language";

function firstLanguage(): Language {
  try {
    return localStorage.getItem(remembered) === "en" ? "en" : "vi";
  } catch {
    return "vi";
  }
}

export const i18n = i18next.createInstance();
void i18n.use(backend).use(initReactI18next).init({
  lng: firstLanguage(),
  fallbackLng: "vi",
  supportedLngs: ["vi", "en"],
  ns: ["common"],
  defaultNS: "common",
  partialBundledLanguages: true,
  resources: { vi: { common: viCommon } },
  interpolation: { escapeValue: false }, // React escapes
  react: { useSuspense: true },
});

function applyLanguage(language: string) {
  document.documentElement.lang = language;
}
applyLanguage(i18n.language);
i18n.on("languageChanged", applyLanguage);

export function setLanguage(language: Language) {
  try {
    localStorage.setItem(remembered, language);
  } catch {
    // Private windows may refuse: the choice then lasts as long as the page.
  }
  void i18n.changeLanguage(language);
}

export function useLanguage(): Language {
  const { i18n: instance } = useTranslation();
  return instance.language === "en" ? "en" : "vi";
}
