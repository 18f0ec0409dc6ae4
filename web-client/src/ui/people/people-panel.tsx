/** Everybody in the room; raised hands first, in the order in which they went up. */
import { MicOff, X } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import type { Participant } from "../../protocol/vocabulary.ts";
import { Button } from "../kit/button.tsx";
import { useActions, usePage, useRoom, useText } from "../page-context.ts";
import { useRoomViewStore } from "../room/room-view.ts";
import { useCommands } from "../room/use-commands.ts";
import { handQueue } from "../stage/order.ts";
import styles from "./people-panel.module.css";
import { PersonRow } from "./person-row.tsx";

export function PeoplePanel() {
  const text = useText();
  const actions = useActions();
  const view = useRoomViewStore();
  const commands = useCommands();
  const { hands, others, count } = usePeople();
  const title = useFocusOnOpen();
  return (
    <aside className={styles.panel} aria-labelledby="people-title">
      <div className={styles.head}>
        <h2 id="people-title" ref={title} className={styles.title} tabIndex={-1}>
          {text("room.people")} <span className={styles.count}>{count}</span>
        </h2>
        {commands.canMuteOthers && count > 1 && (
          <Button look="quiet" onPress={() => actions.moderate({ action: "mute_all" })}>
            <MicOff size={18} aria-hidden />
            {text("people.mute_all")}
          </Button>
        )}
        <Button
          look="quiet"
          iconOnly
          aria-label={text("people.close")}
          onPress={() => view.setState({ people: false })}
        >
          <X size={20} aria-hidden />
        </Button>
      </div>
      <div className={styles.scroll}>
        {hands.length > 0 && (
          <>
            <h3 className={styles.section}>{text("people.hands")}</h3>
            <ol>
              {hands.map((person, index) => (
                <PersonRow key={person.id} person={person} hand={index + 1} />
              ))}
            </ol>
            <h3 className={styles.section}>{text("people.in_room")}</h3>
          </>
        )}
        {count === 0 ? (
          <Loading />
        ) : (
          <ul>
            {others.map((person) => (
              <PersonRow key={person.id} person={person} />
            ))}
          </ul>
        )}
        {count === 1 && (
          <div className={styles.empty}>
            <p className={styles.emptyTitle}>{text("people.nobody_title")}</p>
            <p>{text("people.nobody_body")}</p>
          </div>
        )}
      </div>
    </aside>
  );
}

function Loading() {
  const text = useText();
  return (
    <div role="status" aria-label={text("people.loading")}>
      <div className={styles.skeleton} />
      <div className={styles.skeleton} />
      <div className={styles.skeleton} />
    </div>
  );
}

interface People {
  readonly hands: readonly Participant[];
  readonly others: readonly Participant[];
  readonly count: number;
}

const RANK = { tutor: 0, assistant: 1, interpreter: 2, officer: 3, observer: 4 } as const;

/** Me first, then by role, then by name in the reader's own alphabet. */
function usePeople(): People {
  const { texts } = usePage();
  const people = useRoom((state) => state.participants);
  const me = useRoom((state) => state.me.participant);
  return useMemo(() => {
    const alphabet = new Intl.Collator(texts.language);
    const queue = handQueue(people.values());
    const hands = [...queue.keys()].flatMap((id) => people.get(id) ?? []);
    const others = [...people.values()]
      .filter((person) => !queue.has(person.id))
      .sort(
        (a, b) =>
          Number(b.id === me) - Number(a.id === me) ||
          RANK[a.role] - RANK[b.role] ||
          alphabet.compare(a.name, b.name),
      );
    return { hands, others, count: people.size };
  }, [people, me, texts.language]);
}

/** The focus goes into the panel that was opened and back to its button when it is gone. */
function useFocusOnOpen() {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const opener = document.getElementById("people-button");
    // Open from the beginning, or opened by a key from elsewhere: the focus stays where it is.
    if (opener && document.activeElement === opener) title.current?.focus();
    return () => {
      if (document.activeElement === document.body) opener?.focus();
    };
  }, []);
  return title;
}
