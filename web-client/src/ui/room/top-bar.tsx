/** Which class this is, how long it runs, how good the own link is, and who is here. */
import { Hand, LayoutGrid, Presentation, RectangleHorizontal, Users } from "lucide-react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { ToggleButtonGroup } from "react-aria-components/ToggleButtonGroup";
import { Hidden } from "../kit/hidden.tsx";
import { QualitySign } from "../kit/quality-sign.tsx";
import { useRoom, useText } from "../page-context.ts";
import { isLed, useBoardShown } from "../stage/use-board-shown.ts";
import { ClassClock } from "./class-clock.tsx";
import { toggleBoard, useRoomView, useRoomViewStore } from "./room-view.ts";
import styles from "./top-bar.module.css";

export function TopBar() {
  const room = useRoom((state) => state.room);
  const quality = useRoom((state) =>
    state.me.participant ? state.participants.get(state.me.participant)?.quality : undefined,
  );
  return (
    <header className={styles.bar}>
      <h1 className={styles.title} title={room?.name} dir="auto">
        {room?.name}
      </h1>
      <div className={styles.facts}>
        <ClassClock />
        {quality && (
          <span className={styles.good}>
            <QualitySign quality={quality} words="wide" />
          </span>
        )}
      </div>
      <div className={styles.end}>
        <LayoutSwitch />
        <PeopleButton />
      </div>
    </header>
  );
}

function LayoutSwitch() {
  const text = useText();
  const view = useRoomViewStore();
  const layout = useRoomView((state) => state.layout);
  const board = useRoom((state) => state.board);
  const shown = useBoardShown();
  return (
    <ToggleButtonGroup
      className={styles.layout ?? ""}
      aria-label={text("room.layout")}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[shown ? "board" : layout]}
      onSelectionChange={(keys) => {
        if (keys.has("board")) toggleBoard(view, shown, isLed(board));
        else {
          if (shown) toggleBoard(view, shown, isLed(board));
          view.setState({ layout: keys.has("speaker") ? "speaker" : "tiles", pinned: null });
        }
      }}
    >
      <ToggleButton
        id="board"
        className={styles.choice ?? ""}
        aria-label={text("room.layout_board")}
        aria-keyshortcuts="B"
      >
        <Presentation size={18} aria-hidden />
        <span className={styles.layoutWord}>{text("room.layout_board")}</span>
      </ToggleButton>
      <ToggleButton id="tiles" className={styles.choice ?? ""} aria-label={text("room.layout_tiles")}>
        <LayoutGrid size={18} aria-hidden />
        <span className={styles.layoutWord}>{text("room.layout_tiles")}</span>
      </ToggleButton>
      <ToggleButton id="speaker" className={styles.choice ?? ""} aria-label={text("room.layout_speaker")}>
        <RectangleHorizontal size={18} aria-hidden />
        <span className={styles.layoutWord}>{text("room.layout_speaker")}</span>
      </ToggleButton>
    </ToggleButtonGroup>
  );
}

function PeopleButton() {
  const text = useText();
  const view = useRoomViewStore();
  const open = useRoomView((state) => state.people);
  const count = useRoom((state) => state.participants.size);
  const hands = useRoom((state) => countHands(state.participants.values()));
  return (
    <ToggleButton
      className={styles.people ?? ""}
      isSelected={open}
      onChange={(people) => view.setState({ people })}
      aria-keyshortcuts="P"
      id="people-button"
    >
      <Users size={20} aria-hidden />
      <span className={styles.word}>{text("room.people")}</span>
      <span aria-hidden="true">{count}</span>
      <Hidden>{text("room.people_count", { count })}</Hidden>
      {hands > 0 && (
        <span className={styles.hands}>
          <Hand size={13} aria-hidden />
          <span aria-hidden="true">{hands}</span>
          <Hidden>{text("room.people_hands", { count: hands })}</Hidden>
        </span>
      )}
    </ToggleButton>
  );
}

function countHands(people: Iterable<{ readonly hand: number | null }>): number {
  let count = 0;
  for (const person of people) if (person.hand !== null) count++;
  return count;
}
