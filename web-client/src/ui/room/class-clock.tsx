/** Time since the class began, by the server's clock. */
import { useEffect, useState } from "react";
import { useRoom, useText } from "../page-context.ts";

export function ClassClock() {
  const text = useText();
  const startedAt = useRoom((state) => state.session?.startedAt ?? null);
  const offset = useRoom((state) => state.clockOffsetMs);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  if (startedAt === null) return null;
  return (
    <span role="timer" aria-label={text("room.duration")}>
      {duration(now + offset - startedAt)}
    </span>
  );
}

/** `h:mm:ss`, or `m:ss` in the first hour; a clock that runs ahead shows zero. */
export function duration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`;
}
