/** Camera, microphone and speaker: which of them to use. */
import type { DeviceKind } from "../../state/room-state.ts";
import { useDeviceChoice } from "../device-choice.ts";
import { SelectField } from "../kit/select-field.tsx";
import { useText } from "../page-context.ts";
import styles from "./join-page.module.css";

export function DevicePickers({ kinds }: { readonly kinds: readonly DeviceKind[] }) {
  return (
    <div className={styles.pickers}>
      {kinds.map((kind) => (
        <Picker key={kind} kind={kind} />
      ))}
    </div>
  );
}

function Picker({ kind }: { readonly kind: DeviceKind }) {
  const text = useText();
  const { choices, selected, select } = useDeviceChoice(kind);
  return (
    <SelectField
      label={text(`device.${kind}`)}
      choices={choices}
      selected={selected}
      placeholder={text("device.default")}
      disabled={choices.length === 0}
      onSelect={select}
    />
  );
}
