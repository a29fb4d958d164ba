const SQLITE = 'SQLite format 3\0'

/** Isso and Cusdis keep their comments in such a file. */
export function isSqlite(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, SQLITE.length)) === SQLITE
}

export const SQLITE_HINT =
  'This is an SQLite database. Write its comments to a text file, and import that file: sqlite3 -json comments.db "select * from comments order by id" > isso.json'
