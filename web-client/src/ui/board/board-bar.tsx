/** Where one is on the board: which board and page, who leads, what is not saved yet, who may write. */
import {
  ChevronDown,
  ChevronLeft,
  ChevronRight,
  CloudOff,
  Eye,
  Ghost,
  LoaderCircle,
  Lock,
  LockOpen,
  PanelLeft,
  Presentation,
  Undo2,
} from "lucide-react";
import { Button } from "react-aria-components/Button";
import { ToggleButton } from "react-aria-components/ToggleButton";
import type { Page } from "../../whiteboard/sync/board-vocabulary.ts";
import { classes } from "../kit/classes.ts";
import { Hidden } from "../kit/hidden.tsx";
import { MenuButton } from "../kit/menu-button.tsx";
import styles from "./board-bar.module.css";
import { useAsk, useBoard, useBoardParts, useBoardView, useManages, useWords } from "./board-context.ts";
import { BoardMenu } from "./board-menu.tsx";
import { classPage, neighboursOf, ownCopy } from "./current-page.ts";
import { useBoardGroups } from "./use-board-groups.tsx";

export function BoardBar({ page }: { readonly page: Page | null }) {
  const offline = useBoard((state) => state.link === "waiting");
  return (
    <div className={styles.bar}>
      <div className={styles.where}>
        {page && <StripButton />}
        <BoardChoice page={page} />
        {page && <Turner page={page} />}
      </div>
      <div className={styles.facts}>
        <Saved />
        {page && !offline && <Writing page={page} />}
      </div>
      <div className={styles.end}>
        <GhostsButton />
        {page && <Leading page={page} />}
        <BoardMenu page={page} />
      </div>
    </div>
  );
}

function StripButton() {
  const { view, words } = useBoardParts();
  const open = useBoardView((state) => state.strip);
  return (
    <ToggleButton
      className={classes(styles.button, styles.icon)}
      isSelected={open}
      onChange={(strip) => view.setState({ strip })}
      aria-label={words("page.show_strip")}
    >
      <PanelLeft size={18} aria-hidden />
    </ToggleButton>
  );
}

function BoardChoice({ page }: { readonly page: Page | null }) {
  const words = useWords();
  const groups = useBoardGroups(page);
  const title = useBoard((state) => (page ? state.boards.get(page.board)?.title : undefined));
  if (groups.length === 0) return null;
  return (
    <MenuButton
      label={`${title || words("board.name")}: ${words("boards.choose")}`}
      className={classes(styles.button, styles.choice)}
      groups={groups}
    >
      <span className={styles.title} dir="auto">
        {title || words("board.name")}
      </span>
      <ChevronDown size={16} aria-hidden />
    </MenuButton>
  );
}

function Turner({ page }: { readonly page: Page }) {
  const { view, words } = useBoardParts();
  const state = useBoard((all) => all);
  const { place, count, previous, next } = neighboursOf(state, page);
  const go = (to: Page | null) => to && view.setState({ looking: to.number });
  return (
    <div className={styles.turner}>
      <Button
        className={classes(styles.button, styles.icon, styles.arrow)}
        aria-label={words("page.previous")}
        isDisabled={!previous}
        onPress={() => go(previous)}
      >
        <ChevronLeft size={18} aria-hidden />
      </Button>
      <span className={styles.place}>{words("page.position", { page: place, pages: count })}</span>
      <Button
        className={classes(styles.button, styles.icon, styles.arrow)}
        aria-label={words("page.next")}
        isDisabled={!next}
        onPress={() => go(next)}
      >
        <ChevronRight size={18} aria-hidden />
      </Button>
    </div>
  );
}

/** Offline and unsaved are said in words; that all is well is said quietly. */
function Saved() {
  const words = useWords();
  const waiting = useBoard((state) => state.waiting);
  const offline = useBoard((state) => state.link === "waiting");
  const writes = useBoard((state) => state.you?.may.has("board_write") ?? false);
  const keeps = useBoard((state) => state.keeps);
  if (offline)
    return (
      <span className={classes(styles.fact, styles.away)} role="status">
        <CloudOff size={16} aria-hidden />
        <span className={styles.factWords}>
          {words(writes ? (keeps ? "state.offline" : "state.not_kept") : "state.offline_reader")}
        </span>
        {waiting > 0 && (
          <strong className={styles.count}>{words("state.waiting", { count: waiting })}</strong>
        )}
      </span>
    );
  if (waiting > 2)
    return (
      <span className={styles.fact}>
        <LoaderCircle size={16} aria-hidden />
        {words("state.waiting", { count: waiting })}
      </span>
    );
  return writes ? <Hidden>{words(waiting > 0 ? "state.saving" : "state.saved")}</Hidden> : null;
}

/** Who may write here, where it is not simply everyone. */
function Writing({ page }: { readonly page: Page }) {
  const words = useWords();
  const you = useBoard((state) => state.you);
  const owner = useBoard((state) =>
    page.owner ? [...state.people.values()].find(({ person }) => person === page.owner)?.name : undefined,
  );
  const manages = useManages();
  if (page.owner && page.owner === you?.person && !page.shown)
    return <Fact icon={<Eye size={16} aria-hidden />} text={words("state.private")} />;
  if (page.owner && owner)
    return (
      <Fact
        icon={<Eye size={16} aria-hidden />}
        text={page.shown ? words("state.shown") : words("state.private_of", { name: owner })}
      />
    );
  if (page.mode === "locked")
    return <Fact icon={<Lock size={16} aria-hidden />} text={words("state.locked")} strong />;
  if (page.right === "none")
    return (
      <Fact
        icon={<Lock size={16} aria-hidden />}
        text={words(you?.may.has("board_write") ? "state.tutors" : "state.read_only")}
      />
    );
  if (page.right === "own" && !manages)
    return <Fact icon={<LockOpen size={16} aria-hidden />} text={words("state.own")} />;
  return null;
}

interface FactProps {
  readonly icon: React.ReactNode;
  readonly text: string;
  readonly strong?: boolean;
}

function Fact({ icon, text, strong = false }: FactProps) {
  return (
    <span className={classes(styles.fact, strong && styles.strong)} title={text}>
      {icon}
      <span className={styles.factWords}>{text}</span>
    </span>
  );
}

function GhostsButton() {
  const { view, words } = useBoardParts();
  const count = useBoard((state) => state.ghosts.length);
  const open = useBoardView((state) => state.panel === "ghosts");
  if (count === 0) return null;
  return (
    <ToggleButton
      className={classes(styles.button, styles.ghosts)}
      isSelected={open}
      onChange={(on) => view.setState({ panel: on ? "ghosts" : null })}
    >
      <Ghost size={18} aria-hidden />
      <span aria-hidden="true">{count}</span>
      <Hidden>{words("ghosts.open", { count })}</Hidden>
    </ToggleButton>
  );
}

/** Tutors lead the class; everybody else follows it, and comes back to it from anywhere. */
function Leading({ page }: { readonly page: Page }) {
  const { view, words } = useBoardParts();
  const ask = useAsk();
  const manages = useManages();
  const here = useBoard((state) => state.turn.page !== null && state.turn.page === page.number);
  const led = useBoard((state) => classPage(state));
  const copy = useBoard((state) => (page.owner === null ? ownCopy(state, page.number) : null));
  if (manages)
    return here ? (
      <span className={classes(styles.fact, styles.led)}>
        <Presentation size={16} aria-hidden />
        <span className={styles.factWords}>{words("turn.led")}</span>
      </span>
    ) : (
      <Button
        className={classes(styles.button, styles.primary)}
        aria-label={words("turn.here")}
        onPress={() => {
          void ask({ type: "turn", page: page.shown ? page.number : (page.copy_of ?? page.number) });
          view.setState({ looking: null });
        }}
      >
        <Presentation size={18} aria-hidden />
        <span className={styles.word}>{words("turn.here")}</span>
      </Button>
    );
  if (page.owner !== null && page.copy_of !== null)
    return (
      <Button className={styles.button ?? ""} onPress={() => view.setState({ looking: page.copy_of })}>
        {words("copies.of_class")}
      </Button>
    );
  if (copy)
    return (
      <Button className={styles.button ?? ""} onPress={() => view.setState({ looking: copy.number })}>
        {words("copies.mine")}
      </Button>
    );
  if (!led || led.number === page.number) return null;
  return (
    <Button
      className={classes(styles.button, styles.primary)}
      aria-label={words("turn.follow")}
      aria-keyshortcuts="F"
      onPress={() => view.setState({ looking: null })}
    >
      <Undo2 size={18} aria-hidden />
      <span className={styles.word}>{words("turn.follow")}</span>
    </Button>
  );
}
