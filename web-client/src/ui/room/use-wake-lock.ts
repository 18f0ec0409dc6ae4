/** Keeps the screen of a phone on during a class: who listens does not touch it. */
import { useEffect } from "react";

export function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    let over = false;
    const keep = async () => {
      if (document.hidden || !("wakeLock" in navigator)) return;
      try {
        lock = await navigator.wakeLock.request("screen");
        if (over) await lock.release();
      } catch {
        // Refused on a low battery or in a frame without the right: the class goes on, the screen may sleep.
      }
    };
    // The browser takes the lock away with the page's visibility.
    const renew = () => void keep();
    renew();
    document.addEventListener("visibilitychange", renew);
    return () => {
      over = true;
      document.removeEventListener("visibilitychange", renew);
      lock?.release().catch(() => {});
    };
  }, []);
}
