// Which items match what was typed, the best first: whole words before beginnings, before parts, before scattered letters.
import { CHINESE, initials } from "./pinyin";

export interface Searchable {
  readonly title: string;
  /** Where it is, or what it is: found too, but less good. */
  readonly detail: string;
  /** Other words that it is found by. */
  readonly words?: string;
  /** Added to the score: what is more often wanted. */
  readonly bonus?: number;
}

const DETAIL_SHARE = 0.5;
const WORDS_SHARE = 0.4;
const LETTERS_APART = 3;
/** So few letters within a word are chance: the "on" of "action". */
const SHORT = 3;

/** The items that match, at most `most`. */
export function ranked<Item extends Searchable>(query: string, items: readonly Item[], most: number): Item[] {
  const parts = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return items
    .map((item, index) => ({ item, index, score: scoreOf(parts, item) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.item.title.length - b.item.title.length || a.index - b.index)
    .slice(0, most)
    .map(({ item }) => item);
}

/** 0 if a part of what was typed is found nowhere. */
function scoreOf(parts: readonly string[], { title, detail, words = "", bonus = 0 }: Searchable): number {
  let sum = 0;
  for (const part of parts) {
    const best = Math.max(score(part, title), score(part, detail) * DETAIL_SHARE, score(part, words) * WORDS_SHARE);
    if (best === 0) return 0;
    sum += best;
  }
  return sum === 0 ? 0 : sum / parts.length + bonus;
}

/** How well a part fits a text, from 0 to 100. */
export function score(part: string, text: string): number {
  const whole = text.toLocaleLowerCase();
  if (whole === part) return 100;
  const at = whole.indexOf(part);
  if (at === 0) return 80;
  if (at > 0 && isWordStart(whole, at)) return 65;
  if (at > 0 && (part.length > SHORT || CHINESE.test(part))) return 45;
  return Math.max(byInitials(part, text), scattered(part, whole));
}

function isWordStart(text: string, at: number): boolean {
  return /[\s._\-·/]/.test(text.charAt(at - 1));
}

function byInitials(part: string, text: string): number {
  if (!/^[a-z]+$/.test(part)) return 0;
  const letters = initials(text);
  if (letters.startsWith(part)) return 60;
  return letters.includes(part) && part.length > 1 ? 40 : 0;
}

/** Letters in their order with a few between them: "ktlgt" in "kitchen light". The first must begin a word. */
function scattered(part: string, text: string): number {
  if (Array.from(part).length < SHORT && !CHINESE.test(part)) return 0;
  let at = -1;
  let gaps = 0;
  for (const letter of part) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return 0;
    if (at >= 0) gaps += Math.min(LETTERS_APART + 1, next - at - 1);
    else if (next > 0 && !isWordStart(text, next)) return 0;
    at = next;
  }
  return gaps > LETTERS_APART * part.length ? 0 : Math.max(5, 30 - gaps * 2);
}
