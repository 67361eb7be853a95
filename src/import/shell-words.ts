// Cuts a command line into words as a POSIX shell does: quotes, backslashes, continued lines. The line ends of PowerShell (`) and of
// Windows' cmd (^) are taken too, because published command lines have them. Nothing is expanded: $NAME stays as it is.

/** The words, or null if a quote is not closed. */
export function shellWords(line: string): string[] | null {
  const text = line.replace(/[\\`^][ \t]*\r?\n/g, ' ')
  const words: string[] = []
  let word: string | null = null
  let quote: '"' | "'" | null = null
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (quote === "'") {
      if (c === "'") quote = null
      else word += c
    } else if (c === '\\' && i + 1 < text.length && (quote === null || '"\\$`'.includes(text[i + 1]))) {
      word = (word ?? '') + text[++i]
    } else if (quote === '"') {
      if (c === '"') quote = null
      else word += c
    } else if (c === '"' || c === "'") {
      quote = c
      word ??= ''
    } else if (/\s/.test(c)) {
      if (word !== null) words.push(word)
      word = null
    } else {
      word = (word ?? '') + c
    }
  }
  if (quote !== null) return null
  if (word !== null) words.push(word)
  return words
}
