/** One person in the list: who, in which role, how well connected, and what a tutor can do. */
import { Ellipsis, Mic, MicOff, Monitor, Volume2 } from "lucide-react";
import type { Participant } from "../../protocol/vocabulary.ts";
import { Avatar } from "../kit/avatar.tsx";
import { Hidden } from "../kit/hidden.tsx";
import { MenuButton, type MenuEntry } from "../kit/menu-button.tsx";
import { QualitySign } from "../kit/quality-sign.tsx";
import { useActions, useRoom, useText } from "../page-context.ts";
import { useRoomViewStore } from "../room/room-view.ts";
import { useCommands } from "../room/use-commands.ts";
import styles from "./people-panel.module.css";

export interface PersonRowProps {
  readonly person: Participant;
  /** Place in the queue of hands, when the row stands in that queue. */
  readonly hand?: number;
}

export function PersonRow({ person, hand }: PersonRowProps) {
  const text = useText();
  const isMe = useRoom((state) => state.me.participant === person.id);
  const { canMuteOthers, canRemove } = useCommands();
  const canModerate = canMuteOthers || canRemove;
  const entries = usePersonActions(person, isMe);
  return (
    <li className={styles.row}>
      {hand === undefined ? (
        <Avatar id={person.id} name={person.name} />
      ) : (
        <span className={styles.number}>
          <span aria-hidden="true">{hand}</span>
          <Hidden>{text("tile.hand", { number: hand })}</Hidden>
        </span>
      )}
      <div className={styles.who}>
        <span className={styles.name} dir="auto" title={person.name}>
          {isMe ? text("tile.you_named", { name: person.name }) : person.name}
        </span>
        <Facts person={person} />
      </div>
      <Signs person={person} />
      {entries.length === 0 ? (
        canModerate && <span className={styles.noAction} />
      ) : (
        <MenuButton
          label={text("people.actions_for", { name: person.name })}
          className={styles.action ?? ""}
          groups={[{ id: "person", entries }]}
        >
          <Ellipsis size={20} aria-hidden />
        </MenuButton>
      )}
    </li>
  );
}

function Facts({ person }: { readonly person: Participant }) {
  const text = useText();
  return (
    <span className={styles.facts}>
      {person.role !== "officer" && <span className={styles.role}>{text(`role.${person.role}`)}</span>}
      {person.connection === "reconnecting" ? (
        <span className={styles.away}>{text("tile.reconnecting")}</span>
      ) : (
        <QualitySign quality={person.quality} words="always" size={15} />
      )}
    </span>
  );
}

function Signs({ person }: { readonly person: Participant }) {
  const text = useText();
  const speaking = useRoom((state) => state.speaking.includes(person.id));
  return (
    <span className={styles.signs}>
      {person.screen && (
        <span title={text("people.sharing")}>
          <Monitor size={18} aria-hidden />
          <Hidden>{text("people.sharing")}</Hidden>
        </span>
      )}
      {speaking ? (
        <span className={styles.speaking}>
          <Volume2 size={18} aria-hidden />
          <Hidden>{text("tile.speaking")}</Hidden>
        </span>
      ) : (
        <span>
          {person.mic ? <Mic size={18} aria-hidden /> : <MicOff size={18} aria-hidden />}
          <Hidden>{text(person.mic ? "people.mic_on" : "people.mic_off")}</Hidden>
        </span>
      )}
    </span>
  );
}

function usePersonActions(person: Participant, isMe: boolean): readonly MenuEntry[] {
  const text = useText();
  const actions = useActions();
  const view = useRoomViewStore();
  const commands = useCommands();
  if (isMe) return [];
  const participant = person.id;
  const entries: MenuEntry[] = [];
  if (commands.canMuteOthers && person.mic)
    entries.push({
      id: "mute",
      label: text("people.mute"),
      run: () => actions.moderate({ action: "mute", participant }),
    });
  if (commands.canMuteOthers && person.hand !== null)
    entries.push({
      id: "lower_hand",
      label: text("people.lower_hand"),
      run: () => actions.moderate({ action: "lower_hand", participant }),
    });
  if (commands.canRemove)
    entries.push({
      id: "remove",
      label: text("people.remove"),
      danger: true,
      run: () => view.setState({ dialog: { name: "remove", participant } }),
    });
  return entries;
}
