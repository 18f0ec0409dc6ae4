/** The stage in words, for those who do not see it: what stands there and who speaks. Read on demand, never announced. */
import type { ParticipantId } from "../../protocol/vocabulary.ts";
import { Hidden } from "../kit/hidden.tsx";
import { usePage, useRoom, useText } from "../page-context.ts";
import { partsOf } from "./order.ts";
import type { Arrangement } from "./use-arrangement.ts";

interface StageWordsProps {
  readonly arrangement: Arrangement;
  readonly board: boolean;
}

export function StageWords({ arrangement, board }: StageWordsProps) {
  const { texts } = usePage();
  const text = useText();
  const speaking = useRoom((state) => state.speaking);
  const { people, single } = arrangement;
  const nameOf = (id: ParticipantId) => people.get(id)?.name ?? "";
  const names = new Intl.ListFormat(texts.language).format(speaking.map(nameOf).filter(Boolean));
  const words = [names === "" ? text("stage.nobody_speaks") : text("stage.speaks", { names })];
  if (board) words.unshift(text("stage.shows", { name: text("room.layout_board") }));
  else if (single) {
    const { source, id } = partsOf(single);
    const name = source === "screen" ? text("tile.screen_of", { name: nameOf(id) }) : nameOf(id);
    words.unshift(text("stage.shows", { name }));
  }
  return <Hidden>{words.join(" ")}</Hidden>;
}
