/** The devices of one kind with names that can be read, and the way to choose one that is remembered. */
import type { DeviceKind } from "../state/room-state.ts";
import { usePage, useRoom, useText } from "./page-context.ts";

export interface DeviceChoices {
  readonly choices: readonly { readonly id: string; readonly label: string }[];
  readonly selected: string | null;
  readonly select: (id: string) => void;
}

export function useDeviceChoice(kind: DeviceKind): DeviceChoices {
  const { actions, preferences } = usePage();
  const text = useText();
  const list = useRoom((state) => state.devices[kind]);
  return {
    choices: list.choices.map((choice, index) => ({
      id: choice.id,
      label: choice.label || text("device.unnamed", { kind: text(`device.${kind}`), number: index + 1 }),
    })),
    selected: list.selected,
    select: (id) => {
      preferences.setState((state) => ({ devices: { ...state.devices, [kind]: id } }));
      actions.selectDevice(kind, id);
    },
  };
}
