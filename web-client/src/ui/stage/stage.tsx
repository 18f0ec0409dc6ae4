/** The middle of the room: tiles of equal rank, or one picture large with the others in a strip. */
import { ChevronLeft, ChevronRight, Undo2 } from "lucide-react";
import { useEffect } from "react";
import { Button } from "react-aria-components/Button";
import type { ParticipantId } from "../../protocol/vocabulary.ts";
import { type PictureKey, pictureKey } from "../../state/room-state.ts";
import { classes } from "../kit/classes.ts";
import { useText } from "../page-context.ts";
import { togglePin, useRoomView, useRoomViewStore } from "../room/room-view.ts";
import { BoardSlot } from "./board-slot.tsx";
import { clampPage, gridFor, MOST_TILES, pageCount, tilesPerPage } from "./grid.ts";
import { partsOf, withSpeakers } from "./order.ts";
import styles from "./stage.module.css";
import { StageWords } from "./stage-words.tsx";
import { Tile } from "./tile.tsx";
import { type Arrangement, useArrangement } from "./use-arrangement.ts";
import { useBoardShown } from "./use-board-shown.ts";
import { useBox } from "./use-box.ts";
import { useReporter } from "./use-reporter.ts";
import type { ViewReporter } from "./view-reporter.ts";

const GAP = 8;

interface PartProps {
  readonly arrangement: Arrangement;
  readonly reporter: ViewReporter;
}

export function Stage() {
  const text = useText();
  const arrangement = useArrangement();
  const reporter = useReporter();
  const alone = arrangement.people.size <= 1;
  const board = useBoardShown();
  const single = board ? null : arrangement.single;
  return (
    <main
      id="stage"
      className={classes(styles.stage, single && styles.withStrip, board && styles.withBoard)}
      aria-label={text("room.stage")}
      tabIndex={-1}
    >
      <StageWords arrangement={arrangement} board={board} />
      {board && <BoardSlot />}
      {reporter && board && <Strip arrangement={arrangement} reporter={reporter} picture={null} />}
      {reporter &&
        !board &&
        (single ? (
          <>
            <Single arrangement={arrangement} reporter={reporter} picture={single} />
            <Strip arrangement={arrangement} reporter={reporter} picture={single} />
          </>
        ) : (
          <Tiles arrangement={arrangement} reporter={reporter} />
        ))}
      {alone && !board && (
        <p className={styles.alone}>
          <strong>{text("room.alone_title")}</strong> {text("room.alone_body")}
        </p>
      )}
    </main>
  );
}

function Tiles({ arrangement, reporter }: PartProps) {
  const { order, recent, people, me, hands } = arrangement;
  const view = useRoomViewStore();
  const asked = useRoomView((state) => state.page);
  const [area, box] = useBox<HTMLDivElement>();
  const perPage = tilesPerPage(box, GAP);
  const page = clampPage(asked, order.length, perPage);
  const kept = keptInSight(arrangement);
  const shown = withSpeakers(order, perPage, recent, kept).slice(page * perPage, (page + 1) * perPage);
  const { tile } = gridFor(shown.length, box, GAP);
  useShown(shown.map((id) => pictureKey("camera", id)));
  const size = {
    "--tile-width": `${Math.floor(tile.width)}px`,
    "--tile-height": `${Math.floor(tile.height)}px`,
  };
  return (
    <>
      <div ref={area} className={styles.area}>
        {box.width > 0 && (
          <ul className={styles.grid} style={size as React.CSSProperties}>
            {shown.map((id, index) => {
              const person = people.get(id);
              return (
                person && (
                  <li key={id} className={styles.cell}>
                    <Tile
                      person={person}
                      source="camera"
                      hand={hands.get(id)}
                      rank={id === me ? MOST_TILES : rankOf(id, recent, index)}
                      onStage={false}
                      reporter={reporter}
                      onPick={() => togglePin(view, pictureKey("camera", id))}
                    />
                  </li>
                )
              );
            })}
          </ul>
        )}
      </div>
      {order.length > perPage && box.width > 0 && (
        <Pager page={page} pages={pageCount(order.length, perPage)} />
      )}
    </>
  );
}

function Pager({ page, pages }: { readonly page: number; readonly pages: number }) {
  const text = useText();
  const view = useRoomViewStore();
  return (
    <nav className={styles.pager} aria-label={text("room.page", { page: page + 1, pages })}>
      <Button
        className={styles.turn ?? ""}
        aria-label={text("room.page_previous")}
        isDisabled={page === 0}
        onPress={() => view.setState({ page: page - 1 })}
      >
        <ChevronLeft size={22} aria-hidden />
      </Button>
      <span aria-live="polite">{text("room.page", { page: page + 1, pages })}</span>
      <Button
        className={styles.turn ?? ""}
        aria-label={text("room.page_next")}
        isDisabled={page === pages - 1}
        onPress={() => view.setState({ page: page + 1 })}
      >
        <ChevronRight size={22} aria-hidden />
      </Button>
    </nav>
  );
}

function Single({ arrangement, reporter, picture }: PartProps & { readonly picture: PictureKey }) {
  const text = useText();
  const view = useRoomViewStore();
  const pinned = useRoomView((state) => state.pinned);
  const { source, id } = partsOf(picture);
  const person = arrangement.people.get(id);
  if (!person) return null;
  return (
    <div className={styles.area} data-source={source}>
      <Tile
        person={person}
        source={source}
        hand={arrangement.hands.get(id)}
        rank={0}
        onStage
        reporter={reporter}
        onPick={() => view.setState(pinned ? { pinned: null } : { layout: "tiles" })}
      />
      {pinned && (
        <Button className={styles.back ?? ""} onPress={() => view.setState({ pinned: null })}>
          <Undo2 size={18} aria-hidden />
          {text("room.back_to_class")}
        </Button>
      )}
    </div>
  );
}

/** The strip holds as many tiles as there are slots; the rest is one number away in the list of people. */
const STRIP_TILES = 8;

function Strip({ arrangement, reporter, picture }: PartProps & { readonly picture: PictureKey | null }) {
  const text = useText();
  const view = useRoomViewStore();
  const { order, recent, people, me, hands } = arrangement;
  const others = order.filter((id) => pictureKey("camera", id) !== picture);
  const first = me !== null && others.includes(me) ? [me] : [];
  const sorted = withSpeakers(
    [...first, ...others.filter((id) => id !== me)],
    STRIP_TILES,
    recent,
    keptInSight(arrangement),
  );
  const shown = sorted.slice(0, STRIP_TILES);
  useShown([...(picture ? [picture] : []), ...shown.map((id) => pictureKey("camera", id))]);
  if (shown.length === 0) return null;
  return (
    <ul className={styles.strip} aria-label={text("room.strip")}>
      {shown.map((id, index) => {
        const person = people.get(id);
        return (
          person && (
            <li key={id} className={styles.stripCell}>
              <Tile
                person={person}
                source="camera"
                hand={hands.get(id)}
                rank={1 + rankOf(id, recent, index)}
                onStage={false}
                reporter={reporter}
                onPick={() => togglePin(view, pictureKey("camera", id))}
              />
            </li>
          )
        );
      })}
      {sorted.length > shown.length && (
        <li className={styles.stripCell}>
          <Button
            className={styles.rest ?? ""}
            aria-label={text("room.people")}
            onPress={() => view.setState({ people: true })}
          >
            {`+${sorted.length - shown.length}`}
          </Button>
        </li>
      )}
    </ul>
  );
}

function keptInSight({ people, me, hands }: Arrangement): ReadonlySet<ParticipantId> {
  const kept = new Set<ParticipantId>(hands.keys());
  for (const person of people.values()) if (person.role === "tutor" || person.id === me) kept.add(person.id);
  return kept;
}

function rankOf(id: ParticipantId, recent: readonly ParticipantId[], index: number): number {
  const spoke = recent.indexOf(id);
  return spoke >= 0 && spoke < 3 ? 0.1 * spoke : index + 1;
}

function useShown(shown: readonly PictureKey[]): void {
  const view = useRoomViewStore();
  const text = shown.join(" ");
  useEffect(() => {
    view.setState({ shown: text === "" ? [] : (text.split(" ") as PictureKey[]) });
  }, [view, text]);
}
