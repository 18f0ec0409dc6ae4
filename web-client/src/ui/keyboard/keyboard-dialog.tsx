/** The map of keys, and the switch that turns them off. */
import { Switch } from "react-aria-components/Switch";
import type { TextKey } from "../i18n/messages.ts";
import { Dialog } from "../kit/dialog.tsx";
import { usePage, usePreferences, useText } from "../page-context.ts";
import { keyHelp } from "./key-map.ts";
import styles from "./keyboard-dialog.module.css";

export function KeyboardDialog({ onClose }: { readonly onClose: () => void }) {
  const { preferences } = usePage();
  const text = useText();
  const keys = usePreferences((state) => state.keys);
  return (
    <Dialog title={text("keys.title")} onClose={onClose}>
      <dl className={styles.list}>
        {keyHelp.map((entry) => (
          <div key={entry.text} className={styles.row}>
            <dt className={styles.keys}>
              {entry.keys.map((key) => (
                <kbd key={key} className={styles.key}>
                  {isTextKey(key) ? text(key) : key}
                </kbd>
              ))}
            </dt>
            <dd>{text(entry.text)}</dd>
          </div>
        ))}
      </dl>
      <Switch
        className={styles.switch ?? ""}
        isSelected={keys}
        onChange={(on) => preferences.setState({ keys: on })}
      >
        <span className={styles.track}>
          <span className={styles.thumb} />
        </span>
        <span>
          {text("keys.switch")}
          <span className={styles.hint}>{text("keys.switch_hint")}</span>
        </span>
      </Switch>
    </Dialog>
  );
}

function isTextKey(key: string): key is Extract<TextKey, `keys.${string}`> {
  return key.startsWith("keys.");
}
