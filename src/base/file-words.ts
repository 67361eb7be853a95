// What keeps a file from being read or written, in words: the system's own sentences name its calls, and repeat the path.

const UNREAD: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file: another one stands in the place of its folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission is missing',
  EPERM: 'permission is missing',
  ELOOP: 'its links lead in a circle',
  ERR_STRING_TOO_LONG: 'it is too large',
  ERR_FS_FILE_TOO_LARGE: 'it is too large',
}

const UNWRITTEN: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'a file stands in the place of a folder',
  EEXIST: 'a file stands in the place of a folder',
  EISDIR: 'a folder stands in its place',
  EACCES: 'permission is missing',
  EPERM: 'permission is missing',
  EROFS: 'nothing can be written there: the file system is read-only',
  ENOSPC: 'no space is left',
  EDQUOT: 'no space is left to you',
}

export const whyUnread = (error: unknown): string => wordsOf(error, UNREAD)
export const whyUnwritten = (error: unknown): string => wordsOf(error, UNWRITTEN)

function wordsOf(error: unknown, words: Readonly<Record<string, string>>): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code !== undefined && Object.hasOwn(words, code) ? words[code] : message
}
