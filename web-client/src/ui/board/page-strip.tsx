/** The pages of a board as small pictures: turn to one, and for tutors add, move, remove. */
import { Ellipsis, FilePlus, Lock, Plus, Presentation } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "react-aria-components/Button";
import { pagesInOrder } from "../../whiteboard/sync/board-changes.ts";
import type { Page } from "../../whiteboard/sync/board-vocabulary.ts";
import { classes } from "../kit/classes.ts";
import { Hidden } from "../kit/hidden.tsx";
import { MenuButton } from "../kit/menu-button.tsx";
import { useBoard, useBoardParts, useManages, useWords } from "./board-context.ts";
import { useAddPages, usePageGroups } from "./page-menu.tsx";
import styles from "./page-strip.module.css";
import { PageThumb } from "./page-thumb.tsx";

export function PageStrip({ page }: { readonly page: Page }) {
  const words = useWords();
  const manages = useManages();
  const pages = useBoard((state) => state.pages);
  const ordered = pagesInOrder({ pages }, page.board);
  const here = page.copy_of ?? page.number;
  return (
    <nav className={styles.strip} aria-label={words("page.strip")}>
      <ol className={styles.pages}>
        {ordered.map((one, index) => (
          <Entry
            key={one.number}
            page={one}
            place={index + 1}
            current={one.number === here}
            manages={manages}
          />
        ))}
      </ol>
      {manages && <Adding page={page} />}
    </nav>
  );
}

interface EntryProps {
  readonly page: Page;
  readonly place: number;
  readonly current: boolean;
  readonly manages: boolean;
}

function Entry({ page, place, current, manages }: EntryProps) {
  const { view, words } = useBoardParts();
  const led = useBoard((state) => state.turn.page === page.number);
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (current) item.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const name = page.title
    ? words("page.titled", { number: place, title: page.title })
    : words("page.number", { number: place });
  return (
    <li ref={item} className={styles.item}>
      <Button
        className={classes(styles.page, current && styles.current)}
        {...(current && { "aria-current": "page" as const })}
        onPress={() => view.setState({ looking: page.number, panel: null })}
      >
        <PageThumb page={page} />
        <span className={styles.foot}>
          <span className={styles.number} aria-hidden="true">
            {place}
          </span>
          <Hidden>{name}</Hidden>
          {page.mode === "locked" && (
            <>
              <Lock size={13} aria-hidden />
              <Hidden>{words("state.locked")}</Hidden>
            </>
          )}
          {led && (
            <span className={styles.led}>
              <Presentation size={13} aria-hidden />
              <Hidden>{words("page.class_here")}</Hidden>
            </span>
          )}
        </span>
      </Button>
      {manages && current && <PageActions page={page} place={place} />}
    </li>
  );
}

function PageActions({ page, place }: { readonly page: Page; readonly place: number }) {
  const words = useWords();
  const groups = usePageGroups(page);
  return (
    <MenuButton label={words("page.menu", { number: place })} className={styles.menu ?? ""} groups={groups}>
      <Ellipsis size={18} aria-hidden />
    </MenuButton>
  );
}

function Adding({ page }: { readonly page: Page }) {
  const words = useWords();
  const { addPage, addSlides } = useAddPages(page);
  return (
    <div className={styles.adding}>
      <Button className={styles.add ?? ""} aria-label={words("page.add")} onPress={() => void addPage()}>
        <Plus size={18} aria-hidden />
      </Button>
      <Button
        className={styles.add ?? ""}
        aria-label={words("page.add_slides")}
        onPress={() => void addSlides()}
      >
        <FilePlus size={18} aria-hidden />
      </Button>
    </div>
  );
}
