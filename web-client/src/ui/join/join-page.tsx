/** The way in: see and hear yourself, check the link, press one button. */
import { Info, Settings2 } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { TextField } from "react-aria-components/TextField";
import { Button } from "../kit/button.tsx";
import { MenuButton } from "../kit/menu-button.tsx";
import { usePage, useRoom, useText } from "../page-context.ts";
import { useLanguageGroup, useThemeGroup } from "../settings-menu.ts";
import { Brand } from "./brand.tsx";
import { DevicePickers } from "./device-pickers.tsx";
import styles from "./join-page.module.css";
import { MicMeter } from "./mic-meter.tsx";
import { NetworkResult } from "./network-result.tsx";
import { PermissionHelp } from "./permission-help.tsx";
import { Preview } from "./preview.tsx";

export interface JoinPageProps {
  readonly asksName: boolean;
  /** The server refused the name that was given. */
  readonly nameRefused: boolean;
}

export function JoinPage({ asksName, nameRefused }: JoinPageProps) {
  const text = useText();
  const room = useRoom((state) => state.room);
  const me = useRoom((state) => state.me);
  const listensOnly = me.role === "observer";
  usePreviewStart(!listensOnly && !me.joinsMuted, !listensOnly);
  return (
    <div className={styles.page}>
      <PageHeader />
      <main className={styles.main}>
        <div className={styles.left}>
          {!listensOnly && <Preview />}
          {!listensOnly && <MicMeter />}
          {!listensOnly && <PermissionHelp />}
          <DevicePickers kinds={listensOnly ? ["speaker"] : ["camera", "mic", "speaker"]} />
        </div>
        <div className={styles.right}>
          <div className={styles.intro}>
            <h1 className={styles.room}>{room?.name ?? text("join.title")}</h1>
            {!asksName && (
              <p className={styles.role}>
                <span className={styles.name}>{me.name}</span>
                {" · "}
                {text(`role.${me.role}`)}
              </p>
            )}
          </div>
          <JoinForm asksName={asksName} nameRefused={nameRefused} />
          <NetworkResult />
        </div>
      </main>
    </div>
  );
}

export function PageHeader() {
  const text = useText();
  const groups = [useLanguageGroup(), useThemeGroup()];
  return (
    <header className={styles.header}>
      <Brand name={text("app.name")} />
      <MenuButton label={text("control.settings")} className={styles.settings ?? ""} groups={groups}>
        <Settings2 size={20} aria-hidden />
        <span className={styles.settingsText}>{text("control.settings")}</span>
      </MenuButton>
    </header>
  );
}

function JoinForm({ asksName, nameRefused }: JoinPageProps) {
  const { actions, preferences } = usePage();
  const text = useText();
  const joinsMuted = useRoom((state) => state.me.joinsMuted);
  const listens = useRoom((state) => state.mic.problem !== "none" || state.me.role === "observer");
  const [name, setName] = useState(() => preferences.getState().name);
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const clean = name.trim().normalize("NFC");
    if (asksName && clean === "") {
      setMissing(true);
      // The error is read out as the description of the field that has the focus.
      field.current?.focus();
      return;
    }
    if (asksName) preferences.setState({ name: clean });
    actions.join({ name: clean });
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      {asksName && (
        <TextField
          className={styles.field ?? ""}
          name="name"
          autoComplete="name"
          maxLength={64}
          autoFocus={name === "" || nameRefused}
          value={name}
          onChange={(value) => {
            setName(value);
            setMissing(false);
          }}
          isRequired
          isInvalid={missing || nameRefused}
          validationBehavior="aria"
        >
          <Label className={styles.label ?? ""}>{text("join.name")}</Label>
          <Input ref={field} className={styles.input ?? ""} dir="auto" />
          <Text slot="description" className={styles.hint ?? ""}>
            {text("join.name_hint")}
          </Text>
          <FieldError className={styles.error ?? ""}>
            {text(missing ? "join.name_missing" : "join.name_invalid")}
          </FieldError>
        </TextField>
      )}
      {joinsMuted && (
        <p className={styles.note}>
          <Info size={20} aria-hidden />
          {text("join.muted_for_you")}
        </p>
      )}
      <Button type="submit" look="primary" large wide>
        {text(listens ? "join.submit_listener" : "join.submit")}
      </Button>
    </form>
  );
}

/** Puts the remembered devices to use, asks for them once, and measures the link. */
function usePreviewStart(mic: boolean, camera: boolean): void {
  const { actions, preferences } = usePage();
  useEffect(() => {
    const remembered = preferences.getState();
    for (const kind of ["mic", "camera", "speaker"] as const) {
      const id = remembered.devices[kind];
      if (id) actions.selectDevice(kind, id);
    }
    actions.startPreview({ mic: mic && remembered.mic, camera: camera && remembered.camera });
    actions.checkNetwork();
  }, [actions, preferences, mic, camera]);
}
