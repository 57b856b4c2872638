import "./home.css";
import { FileSearchOutlined, FormOutlined, SafetyCertificateOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { api, unwrap } from "@/api/client";
import { useLanguage } from "@/i18n";
import { formatDate, formatNumber } from "@/lib/format";
import { kindIcons, kinds } from "./kind-icons";

function Figures() {
  const { t, i18n } = useTranslation("public");
  const { data } = useQuery({ queryKey: ["figures"], queryFn: () => unwrap(api.GET("/api/v1/public/figures")), staleTime: 60_000 });
  const items: [string, number | undefined, string?][] = [
    ["total", data?.total],
    ["finished", data?.finished],
    ["processing", data?.processing],
    ["onTime", data?.on_time_percent, "%"],
  ];
  return (
    <section className="h-figures" aria-labelledby="figures">
      <div className="k-width">
        <h2 id="figures">{t("home.figures")}</h2>
        <dl>
          {items.map(([name, value, unit = ""]) => (
            <div key={name}>
              <dt>{t(`home.${name}`)}</dt>
              <dd>{value === undefined ? "–" : `${formatNumber(value, i18n.language)}${unit}`}</dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  );
}

function News() {
  const { t } = useTranslation("public");
  const language = useLanguage();
  const { data } = useQuery({ queryKey: ["content", "news", "latest"], queryFn: () => unwrap(api.GET("/api/v1/public/content", { params: { query: { kind: "news", limit: 4 } } })) });
  return (
    <section className="k-width h-news" aria-labelledby="news">
      <div className="k-row k-spread">
        <h2 id="news">{t("home.news")}</h2>
        <Link to="/tin-tuc">{t("home.allNews")}</Link>
      </div>
      {data?.items.length === 0 && <p className="k-muted">{t("home.noNews")}</p>}
      <ul className="k-plain">
        {data?.items.map((entry) => (
          <li key={entry.id}>
            <time dateTime={entry.published}>{formatDate(entry.published)}</time>
            <Link to={`/tin-tuc/${entry.id}`}>{(language === "en" && entry.title_en) || entry.title}</Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Page() {
  const { t } = useTranslation("public");
  const { t: common } = useTranslation();
  const navigate = useNavigate();
  const [serial, setSerial] = useState("");
  const site = common("site.name");
  useEffect(() => {
    document.title = site;
  }, [site]);
  return (
    <>
      <section className="h-hero">
        <div className="k-width h-hero-in">
          <div>
            <h1>{t("home.title")}</h1>
            <p>{t("home.lead")}</p>
            <div className="k-row">
              <Button type="primary" size="large" className="h-gold" icon={<FormOutlined aria-hidden />} onClick={() => void navigate("/ho-so/di")}>
                {t("home.submit")}
              </Button>
              <Link className="h-ghost" to="/huong-dan">
                {t("home.howTo")}
              </Link>
            </div>
          </div>
          <ol className="h-steps" aria-label={t("home.steps")}>
            {[1, 2, 3, 4].map((step) => (
              <li key={step}>{t(`home.step${step}`)}</li>
            ))}
          </ol>
        </div>
      </section>

      <section className="k-width h-services" aria-labelledby="services">
        <h2 id="services">{t("home.services")}</h2>
        <p className="k-muted">{t("home.servicesLead")}</p>
        <ul className="k-plain h-cards">
          {kinds.map((kind) => (
            <li key={kind}>
              <Link to={`/ho-so/di?new=${kind}`} className="h-card">
                <span className="h-card-icon" aria-hidden="true">
                  {kindIcons[kind]}
                </span>
                <strong>{common(`kind.${kind}`)}</strong>
                <span>{t(`kindText.${kind}`)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </section>

      <Figures />

      <section className="k-width h-tools">
        <div className="k-section">
          <h2>{t("home.lookUp")}</h2>
          <p>{t("home.lookUpText")}</p>
          <Button icon={<FileSearchOutlined aria-hidden />} onClick={() => void navigate("/tra-cuu")}>
            {t("home.lookUpButton")}
          </Button>
        </div>
        <div className="k-section">
          <h2>{t("home.certificate")}</h2>
          <p>{t("home.certificateText")}</p>
          <form
            className="h-serial"
            onSubmit={(event) => {
              event.preventDefault();
              if (serial.trim()) void navigate(`/tra-cuu/chung-thu-so?serial=${encodeURIComponent(serial.trim())}`);
            }}
          >
            <Input value={serial} onChange={(event) => setSerial(event.target.value)} aria-label={t("home.serial")} placeholder={t("home.serial")} maxLength={80} spellCheck={false} />
            <Button htmlType="submit">{t("home.check")}</Button>
          </form>
        </div>
        <div className="k-section">
          <h2>{t("home.verify")}</h2>
          <p>{t("home.verifyText")}</p>
          <Button icon={<SafetyCertificateOutlined aria-hidden />} onClick={() => void navigate("/xac-thuc-van-ban")}>
            {t("home.verifyButton")}
          </Button>
        </div>
      </section>

      <News />
    </>
  );
}
