/** The page itself: mounts the engine, gives it the page, passes what it says on. */
import { useEffect, useRef } from "react";
import type { Announcement, BoardEngine, BoardEvents, Refusal } from "../../whiteboard/board-engine.ts";
import { createBoardEngine } from "../../whiteboard/create-board-engine.ts";
import type { Actor, Page, PageNumber } from "../../whiteboard/sync/board-vocabulary.ts";
import type { BoardTranslate } from "../i18n/texts.ts";
import { personHue } from "../person-colour.ts";
import styles from "./board.module.css";
import { type BoardParts, say, useBoard, useBoardParts, useBoardView } from "./board-context.ts";
import { whatOf, whereOf } from "./shape-words.ts";
import { Slow } from "./slow.tsx";
import { usePresenter } from "./use-presenter.ts";

export function BoardCanvas({ page }: { readonly page: Page }) {
  const parts = useBoardParts();
  const { words } = parts;
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef(page.number);
  shown.current = page.number;
  useEngine(place, parts, shown);
  usePage(page, parts);
  useFollowing(page);
  const status = useBoard((state) => state.statuses.get(page.number));
  const empty = useBoardView((view) => view.engine === null);
  const busy = empty || status === "loading" || status === "opening" || status === undefined;
  return (
    <>
      <div ref={place} className={styles.canvas} />
      {status === "gone" ? (
        <div className={styles.state} role="status">
          <h2 className={styles.stateTitle}>{words("board.gone_title")}</h2>
          <p>{words("board.gone_body")}</p>
        </div>
      ) : (
        busy && <Slow words={words("board.page_loading")} />
      )}
    </>
  );
}

function useEngine(
  place: React.RefObject<HTMLDivElement | null>,
  parts: BoardParts,
  shown: { readonly current: PageNumber },
): void {
  useEffect(() => {
    const container = place.current;
    if (!container) return;
    const { face, view, words } = parts;
    const engine = createBoardEngine(container, {
      events: eventsFor(parts, shown),
      pictures: face.pictures,
      words: { board: words("board.canvas"), text: words("tool.text") },
    });
    view.setState({ engine, tools: engine.state });
    return () => {
      view.setState({ engine: null, tools: null });
      engine.destroy();
    };
  }, [place, parts, shown]);
}

function usePage(page: Page, { face }: BoardParts): void {
  const engine = useBoardView((view) => view.engine);
  const { number, width, height, paper, slide } = page;
  const file = slide?.file;
  const slidePage = slide?.page;
  useEffect(() => {
    if (!engine) return;
    const held = face.hold(number);
    engine.setPage(held.model, {
      number,
      width,
      height,
      paper,
      slide: file !== undefined && slidePage !== undefined ? { file, page: slidePage } : null,
    });
    const stop = face.onLive(number, {
      live: (from, message) => engine.showLive(liveActor(from), message),
      gone: (actor) => engine.forget(actor),
    });
    return () => {
      stop();
      engine.setPage(null, null);
      held.release();
    };
  }, [engine, face, number, width, height, paper, file, slidePage]);
}

/** On the page of the class the camera follows whoever leads it, until the person looks around. */
function useFollowing(page: Page): void {
  const engine = useBoardView((view) => view.engine);
  const presenter = usePresenter(page);
  useEffect(() => engine?.follow(presenter), [engine, presenter]);
}

function eventsFor({ face, view, words }: BoardParts, shown: { readonly current: PageNumber }): BoardEvents {
  return {
    onState: (tools) => view.setState({ tools }),
    onLive: (message) => face.sendLive(shown.current, message),
    onRefused: (why, name) => say(view, refusalWords(words, why, name)),
    onAnnounce: (what) => say(view, announcement(words, what)),
    onFiles: (files, x, y) => void storeImages(view.getState().engine, face, files, x, y),
    onLeave: () => document.querySelector<HTMLElement>("[data-board-tools] button")?.focus(),
  };
}

async function storeImages(
  engine: BoardEngine | null,
  face: BoardParts["face"],
  files: readonly File[],
  x: number,
  y: number,
): Promise<void> {
  for (const file of files) {
    if (!file.type.startsWith("image/")) continue;
    const stored = await face.storeImage(file);
    if (stored) engine?.addImage(stored.file, stored.width, stored.height, file.name, x, y);
  }
}

function liveActor({ actor, name, participant, person }: Actor) {
  return { actor, name, colour: `oklch(62% 0.17 ${personHue(participant ?? person)})` };
}

function refusalWords(words: BoardTranslate, why: Refusal, name: string): string {
  switch (why) {
    case "locked":
      return words("state.locked_body");
    case "not_yours":
      return name ? words("say.not_yours", { name }) : words("say.not_yours_unnamed");
    case "held":
      return words("say.held", { name });
    case "too_big":
      return words("say.too_big");
  }
}

function announcement(words: BoardTranslate, said: Announcement): string {
  switch (said.what) {
    case "selected":
      return said.count > 1
        ? words("say.selected_many", { count: said.count })
        : words("say.selected", { what: whatOf(words, said.entry), where: whereOf(words, said.entry) });
    case "moved":
      return words("say.moved", { where: whereOf(words, said.entry) });
    case "deleted":
      return words("say.deleted", { count: said.count });
    default:
      return words(`say.${said.what}`);
  }
}
