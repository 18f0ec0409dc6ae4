/** What the connection is good for, in plain words; the figures stand below for support. */
import { RefreshCw, Wifi, WifiOff } from "lucide-react";
import type { NetworkVerdict } from "../../state/room-state.ts";
import { Button } from "../kit/button.tsx";
import { usePage, useRoom, useText } from "../page-context.ts";
import styles from "./join-page.module.css";

const looks: Readonly<Record<NetworkVerdict, string | undefined>> = {
  good: styles.good,
  fair: styles.fair,
  poor: styles.fair,
  blocked: styles.fair,
  offline: styles.bad,
};

export function NetworkResult() {
  const { actions, texts } = usePage();
  const text = useText();
  const check = useRoom((state) => state.network);
  const done = check.state === "done" ? check : null;
  const Icon = done?.verdict === "offline" ? WifiOff : Wifi;
  const facts =
    done && done.roundTripMs !== null && done.downlinkKbps !== null
      ? text("network.facts", {
          ms: Math.round(done.roundTripMs),
          mbps: new Intl.NumberFormat(texts.language, { maximumFractionDigits: 1 }).format(
            done.downlinkKbps / 1000,
          ),
        })
      : null;
  return (
    <section className={styles.network} aria-label={text("network.title")}>
      <span className={done ? looks[done.verdict] : styles.networkTitle}>
        <Icon size={22} aria-hidden />
      </span>
      <div className={styles.networkText} role="status">
        <p>{text(done ? `network.${done.verdict}` : "network.checking")}</p>
        {facts && <p className={styles.networkFacts}>{facts}</p>}
      </div>
      <Button
        look="quiet"
        iconOnly
        aria-label={text("network.again")}
        isDisabled={check.state === "running"}
        onPress={() => actions.checkNetwork()}
      >
        <RefreshCw size={18} aria-hidden />
      </Button>
    </section>
  );
}
