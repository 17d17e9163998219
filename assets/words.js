// How a letter reads: the same measures, word for word, as OwnWords, LevelOf
// and ReadingAge in internal/campaign (own.go and reading.go say what they are
// and why). Both are held to the examples in internal/campaign/testdata.

const WORD = /[\p{L}\p{M}\p{Nd}]+(?:'[\p{L}\p{M}\p{Nd}]+)*/gu;

// Letter by letter: toLowerCase of a whole word minds what stands around a letter.
const lower = text => Array.from(text, c => Array.from(c.toLowerCase())[0]).join("");
const straight = text => text.replace(/[’‘ʼ]/g, "'");

export const wordsOf = text => lower(straight(text.normalize("NFC"))).match(WORD) ?? [];

export function ownWords(template, text) {
  const words = wordsOf(text), theirs = wordsOf(template), run = Math.min(3, words.length);
  if (!run) return 0;
  const phrase = (list, i) => list.slice(i, i + run).join(" ");
  const phrases = new Set();
  for (let i = 0; i + run <= theirs.length; i++) phrases.add(phrase(theirs, i));
  let taken = 0, upTo = 0;
  for (let i = 0; i + run <= words.length; i++) {
    if (phrases.has(phrase(words, i))) {
      taken += i + run - Math.max(i, upTo);
      upTo = i + run;
    }
  }
  return Math.floor(100 * (words.length - taken) / words.length);
}

export const levelOf = percent => percent >= 85 ? "yours" : percent >= 25 ? "good" : percent >= 2 ? "start" : "none";

const SENTENCE = /[.?!…:;]+['"”)\]]*[\t-\r\p{Z}]+|[\n\r]+/u;
const VOWELS = /[aeiouyàáâäèéêëìíîïòóôöùúûüŵŷ]+/gu, APART = /[^cglnstx]i[aou]/gu;
const SILENT = /[^aeiouyl]e$|[aeiouy]les?$|[^aeiouycglsxz]es$|[^aeiouytd]ed$/u;

function syllables(word) {
  let n = (word.match(VOWELS) ?? []).length + (word.match(APART) ?? []).length + /[ds]n't$/.test(word);
  const bare = word.replace(/'s$/, "");
  if (SILENT.test(bare) && !/[sc]hes$/.test(bare)) n--;
  return Math.max(n, 1);
}

// The reading age in years; 0 when the text is too short to tell.
export function readingAge(text) {
  let words = 0, sentences = 0, heard = 0;
  for (const sentence of straight(text).split(SENTENCE)) {
    const found = wordsOf(sentence);
    if (!found.length) continue;
    sentences++;
    words += found.length;
    for (const word of found) heard += syllables(word);
  }
  if (words < 30) return 0;
  const over = 100 * words * sentences;
  return Math.max(5, Math.ceil((39 * words * words + 1180 * heard * sentences - 1059 * words * sentences) / over));
}

// What may help with a letter, as Draft.Hints in internal/campaign/hints.go.
export function advise(template, text, lang) {
  const own = ownWords(template, text), words = wordsOf(text).length, age = lang === "en" ? readingAge(text) : 0;
  return { own, level: levelOf(own), length: words < 60 ? "short" : words > 500 ? "long" : "", age, hard: age >= 15 };
}
