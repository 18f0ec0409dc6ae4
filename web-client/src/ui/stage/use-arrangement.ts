/** Puts the pure decisions of order.ts together for the stage. */
import { useEffect, useMemo, useState } from "react";
import type { Participant, ParticipantId } from "../../protocol/vocabulary.ts";
import type { PictureKey } from "../../state/room-state.ts";
import { useRoom } from "../page-context.ts";
import { useRoomView } from "../room/room-view.ts";
import { handQueue, recentSpeakers, stageFor, tileOrder } from "./order.ts";

export interface Arrangement {
  readonly people: ReadonlyMap<ParticipantId, Participant>;
  readonly me: ParticipantId | null;
  readonly hands: ReadonlyMap<ParticipantId, number>;
  readonly order: readonly ParticipantId[];
  readonly recent: readonly ParticipantId[];
  /** What stands alone on the stage, or null for tiles of equal rank. */
  readonly single: PictureKey | null;
}

export function useArrangement(): Arrangement {
  const people = useRoom((state) => state.participants);
  const speaking = useRoom((state) => state.speaking);
  const me = useRoom((state) => state.me.participant);
  const pinned = useRoomView((view) => view.pinned);
  const layout = useRoomView((view) => view.layout);
  const [recent, setRecent] = useState<readonly ParticipantId[]>([]);
  useEffect(() => setRecent((before) => recentSpeakers(before, speaking, people)), [speaking, people]);
  return useMemo(
    () => ({
      people,
      me,
      recent,
      hands: handQueue(people.values()),
      order: tileOrder(people.values(), me),
      single: stageFor({ participants: people, me, pinned, layout, recent }),
    }),
    [people, me, recent, pinned, layout],
  );
}
