import { DownloadOutlined } from "@ant-design/icons";
import { Button, Form, Input, Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, download, unwrap } from "@/api/client";
import type { Dossier } from "@/api/types";
import { useDossierCache } from "@/dossiers/queries";
import { formatDate, formatTime, today } from "@/lib/format";
import { DateField } from "@/ui/date-field";
import { Facts } from "@/ui/facts";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { useNotify } from "@/ui/use-notify";

interface Appointment {
  appointment: string;
  place?: string;
}
interface HandOver {
  receiver_name: string;
  receiver_identity?: string;
  way: "in_person" | "post" | "download";
  note?: string;
}
const ways: HandOver["way"][] = ["in_person", "post", "download"];

// Ngày hẹn trả, bàn giao, Mẫu 07.
export function DeliverySection({ dossier }: { dossier: Dossier }) {
  const { t } = useTranslation("desk");
  const notify = useNotify();
  const [open, setOpen] = useState<"appoint" | "hand-over">();
  const can = (what: string) => dossier.can?.includes(what) ?? false;
  const hasRecord = !!dossier.hand_over?.at || dossier.step === "delivery" || dossier.state === "completed";
  if (!can("appoint") && !can("hand_over") && !dossier.appointment && !dossier.hand_over?.at) return null;
  const record = () => download(`/api/v1/desk/dossiers/${encodeURIComponent(dossier.id)}/hand-over.pdf`, "bien-ban-ban-giao.pdf").catch(notify.failed);
  return (
    <Section
      title={t("delivery.title")}
      actions={
        <>
          {can("appoint") && <Button onClick={() => setOpen("appoint")}>{t("delivery.appoint")}</Button>}
          {can("hand_over") && (
            <Button type="primary" onClick={() => setOpen("hand-over")}>
              {t("delivery.handOver")}
            </Button>
          )}
          {hasRecord && (
            <Button icon={<DownloadOutlined aria-hidden />} onClick={() => void record()}>
              {t("delivery.record")}
            </Button>
          )}
        </>
      }
    >
      {!dossier.appointment && !dossier.hand_over?.at && <p className="k-muted d-no-gap">{t("delivery.none")}</p>}
      <Facts
        items={[
          [t("delivery.appointment"), formatDate(dossier.appointment)],
          [t("delivery.at"), formatTime(dossier.hand_over?.at)],
          [t("delivery.receiver"), dossier.hand_over?.receiver_name],
          [t("delivery.way"), ways.some((way) => way === dossier.hand_over?.way) ? t(`way.${dossier.hand_over?.way}`) : undefined],
          [t("delivery.note"), dossier.hand_over?.note],
        ]}
      />
      {open && <DeliveryDialog what={open} dossier={dossier} onClose={() => setOpen(undefined)} />}
    </Section>
  );
}

function DeliveryDialog({ what, dossier, onClose }: { what: "appoint" | "hand-over"; dossier: Dossier; onClose: () => void }) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const notify = useNotify();
  const cache = useDossierCache(dossier.id);
  const [form] = Form.useForm<Appointment & HandOver>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const appoints = what === "appoint";
  const { receiver } = dossier.form;

  async function run(values: Appointment & HandOver) {
    setBusy(true);
    setProblem(undefined);
    const params = { path: { id: dossier.id } };
    const { revision } = dossier;
    try {
      const changed = appoints
        ? await unwrap(api.PUT("/api/v1/desk/dossiers/{id}/delivery", { params, body: { revision, appointment: values.appointment, place: values.place || undefined } }))
        : await unwrap(api.POST("/api/v1/desk/dossiers/{id}/delivery", { params, body: { revision, receiver_name: values.receiver_name, receiver_identity: values.receiver_identity || undefined, way: values.way, note: values.note || undefined } }));
      cache.accept(changed);
      void cache.lines();
      notify.done(t(appoints ? "delivery.appointed" : "delivery.handedOver"));
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
      void cache.refresh();
    }
  }
  const required = (label: string) => [{ required: true, message: common("form.required", { label }) }];
  return (
    <Modal open onCancel={onClose} title={t(appoints ? "delivery.appoint" : "delivery.handOver")} okText={common(appoints ? "action.save" : "action.confirm")} cancelText={common("action.close")} okButtonProps={{ loading: busy }} onOk={() => form.submit()}>
      <ProblemAlert error={problem} />
      {!appoints && <p>{t("delivery.text", { count: dossier.lines_issued ?? dossier.line_count })}</p>}
      <Form form={form} layout="vertical" initialValues={{ way: "in_person", receiver_name: receiver?.name, receiver_identity: receiver?.identity, appointment: dossier.appointment }} onFinish={(values) => void run(values)}>
        {appoints ? (
          <>
            <Form.Item name="appointment" label={t("delivery.appointment")} rules={required(t("delivery.appointment"))}>
              <DateField min={today()} />
            </Form.Item>
            <Form.Item name="place" label={t("delivery.place")}>
              <Input maxLength={300} />
            </Form.Item>
          </>
        ) : (
          <>
            <Form.Item name="receiver_name" label={t("delivery.receiver")} rules={required(t("delivery.receiver"))}>
              <Input maxLength={200} autoComplete="off" />
            </Form.Item>
            <Form.Item name="receiver_identity" label={t("delivery.identity")}>
              <Input maxLength={100} autoComplete="off" />
            </Form.Item>
            <Form.Item name="way" label={t("delivery.way")}>
              <Radio.Group options={ways.map((way) => ({ value: way, label: t(`way.${way}`) }))} />
            </Form.Item>
            <Form.Item name="note" label={t("delivery.note")}>
              <Input.TextArea autoSize={{ minRows: 2 }} maxLength={2000} />
            </Form.Item>
          </>
        )}
      </Form>
    </Modal>
  );
}
