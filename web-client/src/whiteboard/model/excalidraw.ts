/** Drawings of Excalidraw, in and out: loaded when the first one is read or written, as most lessons have none. */
export { fromExcalidraw } from "./excalidraw-in.ts";
export { toExcalidraw } from "./excalidraw-out.ts";
