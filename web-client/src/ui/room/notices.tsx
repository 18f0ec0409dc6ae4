/** Passing notes above the bar, one at a time. The live region says them; this shows them. */
import { X } from "lucide-react";
import { useEffect } from "react";
import { Button } from "react-aria-components/Button";
import { noticeTaken } from "../../state/changes.ts";
import { usePage, useRoom, useText } from "../page-context.ts";
import { noticeText } from "./notice-text.ts";
import styles from "./notices.module.css";

const SHOWN_MS = 6000;

export function Notices() {
  const { store } = usePage();
  const text = useText();
  const notice = useRoom((state) => state.notices[0]);
  const id = notice?.id;
  useEffect(() => {
    if (id === undefined) return;
    const timer = setTimeout(() => store.setState((state) => noticeTaken(state, id)), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [store, id]);
  if (!notice) return null;
  return (
    <div className={styles.notices}>
      <div key={notice.id} className={styles.notice}>
        <p className={styles.words}>{noticeText(notice, text)}</p>
        <Button
          className={styles.close ?? ""}
          aria-label={text("action.dismiss")}
          onPress={() => store.setState((state) => noticeTaken(state, notice.id))}
        >
          <X size={18} aria-hidden />
        </Button>
      </div>
    </div>
  );
}
