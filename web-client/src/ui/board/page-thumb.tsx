/** A page as a small picture that follows the page while it can be seen. */
import { useEffect, useRef, useState } from "react";
import { renderShapes } from "../../whiteboard/create-board-engine.ts";
import type { PageModel } from "../../whiteboard/page-model.ts";
import type { Page } from "../../whiteboard/sync/board-vocabulary.ts";
import { useBoardParts } from "./board-context.ts";
import styles from "./page-strip.module.css";

/** Sharp at the strip's width on a dense screen. */
const WIDTH_PX = 320;
/** A wall of busy pages is painted at most this often. */
const CALM_MS = 700;

export function PageThumb({ page }: { readonly page: Page }) {
  const { face } = useBoardParts();
  const box = useRef<HTMLDivElement>(null);
  const seen = useSeen(box);
  const { number, width, height, paper, slide } = page;
  const file = slide?.file;
  const slidePage = slide?.page;
  useEffect(() => {
    if (!seen) return;
    const held = face.hold(number);
    const info = {
      number,
      width,
      height,
      paper,
      slide: file !== undefined && slidePage !== undefined ? { file, page: slidePage } : null,
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const paint = async () => {
      timer = undefined;
      const picture = await renderShapes(blobsOf(held.model), info, WIDTH_PX, face.pictures).catch(
        () => null,
      );
      if (over || !picture) return;
      picture.className = styles.thumb ?? "";
      box.current?.replaceChildren(picture);
    };
    const stop = held.model.subscribe(() => {
      timer ??= setTimeout(() => void paint(), CALM_MS);
    });
    void paint();
    return () => {
      over = true;
      stop();
      clearTimeout(timer);
      held.release();
    };
  }, [seen, face, number, width, height, paper, file, slidePage]);
  return (
    <div
      ref={box}
      className={styles.thumb}
      style={{ aspectRatio: `${width} / ${height}` }}
      aria-hidden="true"
    />
  );
}

function blobsOf(model: PageModel): Uint8Array[] {
  return model.order.flatMap((id) => {
    const shape = model.shapes.get(id);
    return shape && shape.ghost === undefined ? [shape.blob] : [];
  });
}

function useSeen(box: React.RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const watched = box.current;
    if (!watched) return;
    const observer = new IntersectionObserver(([entry]) => setSeen(entry?.isIntersecting ?? false), {
      rootMargin: "100px",
    });
    observer.observe(watched);
    return () => observer.disconnect();
  }, [box]);
  return seen;
}
