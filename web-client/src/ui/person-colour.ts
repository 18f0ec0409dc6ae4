/** A colour and initials that belong to a person, the same on every screen. */

/** Degrees on the OKLCH colour wheel; the lightness is the same for all, so that white text stays readable. */
export function personHue(id: string): number {
  let hash = 2166136261;
  for (const letter of id) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16777619);
  // Steps of 24 degrees keep neighbours apart.
  return ((hash >>> 0) % 15) * 24;
}

/** First letters of the first and the last word, in the person's own script. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words[0];
  if (first === undefined) return "";
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  return (firstLetter(first) + (last ? firstLetter(last) : "")).toLocaleUpperCase();
}

function firstLetter(word: string): string {
  const letter = word.match(/\p{L}\p{M}*|\p{N}/u);
  return letter?.[0] ?? [...word][0] ?? "";
}
