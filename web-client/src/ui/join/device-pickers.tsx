/** Camera, microphone and speaker: which of them to use. */
import { Mic, Video, Volume2 } from "lucide-react";
import type { ReactNode } from "react";
import type { DeviceKind } from "../../state/room-state.ts";
import { useDeviceChoice } from "../device-choice.ts";
import { SelectField } from "../kit/select-field.tsx";
import { useText } from "../page-context.ts";
import styles from "./join-page.module.css";

export function DevicePickers({ kinds }: { readonly kinds: readonly DeviceKind[] }) {
  return (
    <div className={styles.pickers}>
      {kinds.map((kind) => (
        <Picker key={kind} kind={kind} icon={icons[kind]} />
      ))}
    </div>
  );
}

const icons: Readonly<Record<DeviceKind, ReactNode>> = {
  camera: <Video size={18} aria-hidden />,
  mic: <Mic size={18} aria-hidden />,
  speaker: <Volume2 size={18} aria-hidden />,
};

function Picker({ kind, icon }: { readonly kind: DeviceKind; readonly icon: ReactNode }) {
  const text = useText();
  const { choices, selected, select } = useDeviceChoice(kind);
  return (
    <SelectField
      label={text(`device.${kind}`)}
      icon={icon}
      choices={choices}
      selected={selected}
      placeholder={text("device.default")}
      disabled={choices.length === 0}
      onSelect={select}
    />
  );
}
