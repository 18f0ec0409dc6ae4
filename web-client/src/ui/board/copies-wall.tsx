/** All private copies of a page, live, as a wall: who is how far is seen at a glance, and one can be shown to the class. */
import { Eye, EyeOff, X } from "lucide-react";
import { useMemo } from "react";
import { Button as Plain } from "react-aria-components/Button";
import { copiesOf } from "../../whiteboard/sync/board-changes.ts";
import type { Page } from "../../whiteboard/sync/board-vocabulary.ts";
import { Button } from "../kit/button.tsx";
import { classes } from "../kit/classes.ts";
import { useAsk, useBoard, useBoardParts, usePersonName } from "./board-context.ts";
import styles from "./copies-wall.module.css";
import { PageThumb } from "./page-thumb.tsx";

export function CopiesWall({ page }: { readonly page: Page }) {
  const { view, words } = useBoardParts();
  const pages = useBoard((state) => state.pages);
  const copies = useMemo(() => copiesOf({ pages }, page.copy_of ?? page.number), [pages, page]);
  return (
    <div className={styles.wall}>
      <div className={styles.head}>
        <h2 className={styles.title}>
          {words("copies.title")}{" "}
          <span className={styles.count}>{words("copies.count", { count: copies.length })}</span>
        </h2>
        <Button onPress={() => view.setState({ panel: null })}>
          <X size={18} aria-hidden />
          {words("copies.back")}
        </Button>
      </div>
      {copies.length === 0 ? (
        <p className={styles.empty}>{words("copies.empty")}</p>
      ) : (
        <ul className={styles.copies}>
          {copies.map((copy) => (
            <Copy key={copy.number} copy={copy} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Copy({ copy }: { readonly copy: Page }) {
  const { view, words } = useBoardParts();
  const ask = useAsk();
  const name = usePersonName(copy.owner);
  const led = useBoard((state) => state.turn.page === copy.number);
  // The class is led to what is shown and back again: elsewhere nobody would see it, or the board would go with it.
  const show = async () => {
    if (copy.shown && led) await ask({ type: "turn", page: copy.copy_of });
    const done = await ask({ type: "show", page: copy.number, shown: !copy.shown });
    if (done && !copy.shown) await ask({ type: "turn", page: copy.number });
  };
  return (
    <li className={classes(styles.copy, copy.shown && styles.shown)}>
      <Plain
        className={styles.open ?? ""}
        aria-label={words("copies.open", { name })}
        onPress={() => view.setState({ looking: copy.number, panel: null })}
      >
        <PageThumb page={copy} />
      </Plain>
      <div className={styles.foot}>
        <span className={styles.name} dir="auto" title={name}>
          {name}
        </span>
        <Plain
          className={styles.show ?? ""}
          aria-label={`${words(copy.shown ? "copies.hide" : "copies.show")}: ${name}`}
          onPress={() => void show()}
        >
          {copy.shown ? <EyeOff size={18} aria-hidden /> : <Eye size={18} aria-hidden />}
        </Plain>
      </div>
    </li>
  );
}
