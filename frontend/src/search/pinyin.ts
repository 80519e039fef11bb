// The first letters of Chinese words: 客厅 is "kt". The browser knows the order of the characters by their sound; the
// first of each letter tells where the letter begins. No dictionary has to be loaded.
const LETTERS = "abcdefghjklmnopqrstwxyz";
const FIRSTS = "阿八嚓哒妸发旮哈讥咔垃痳拏噢妑七呥扨它穵夕丫帀";
export const CHINESE = /\p{Script=Han}/u;

const collator = new Intl.Collator("zh-Hans-CN-u-co-pinyin");
const known = new Map<string, string>();

/** The initials of the Chinese characters in a text, other letters as they are; "" if there are none. */
export function initials(text: string): string {
  if (!CHINESE.test(text)) return "";
  return Array.from(text.toLowerCase(), (character) => (CHINESE.test(character) ? initial(character) : character))
    .join("")
    .replace(/[^a-z0-9]/g, "");
}

function initial(character: string): string {
  const found = known.get(character) ?? sought(character);
  known.set(character, found);
  return found;
}

function sought(character: string): string {
  const firsts = Array.from(FIRSTS);
  const place = firsts.findLastIndex((first) => collator.compare(first, character) <= 0);
  return LETTERS.charAt(Math.max(0, place));
}
