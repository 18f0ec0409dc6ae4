/** The laser pointer: a trail that fades and leaves nothing. */
import type { Sample, Tool } from "./tool.ts";

export const laser: Tool = (host, press) => {
  let trail: { x: number; y: number; time: number }[] = [];
  const add = (samples: readonly Sample[]) => {
    trail = [...trail, ...samples.map(({ x, y, time }) => ({ x, y, time }))].slice(-300);
    const last = trail.at(-1);
    if (last) host.live.put({ kind: "laser", x: last.x, y: last.y });
    host.show({ laser: trail });
  };
  add([press.at]);
  return { move: (samples) => add(samples), end: () => {}, cancel: () => {} };
};
