/** Which help fits: permissions hide in a different place in every browser. */
export type BrowserKind = "chrome" | "firefox" | "safari" | "ios" | "android" | "other";

export function browserKind(userAgent: string, touchPoints: number): BrowserKind {
  // An iPad calls itself a Mac; the Mac has no touch screen.
  if (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && touchPoints > 1)) return "ios";
  if (/Android/.test(userAgent)) return "android";
  if (/Firefox\//.test(userAgent)) return "firefox";
  if (/Chrome\/|Chromium\/|Edg\//.test(userAgent)) return "chrome";
  if (/Safari\//.test(userAgent)) return "safari";
  return "other";
}

export function isFramed(): boolean {
  return window.parent !== window;
}
