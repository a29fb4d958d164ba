/** Values that people leave in place of a secret. STARTS also match longer values, such as "change-me-to-something". */
const STARTS = ['changeme', 'changethis', 'replaceme', 'replacethis', 'placeholder', 'youradmintoken', 'yoursecret']
const WORDS = ['admin', 'admintoken', 'example', 'password', 'secret', 'secretskey', 'test', 'todo', 'token', 'xxx']

/** Recognizes examples such as "<ADMIN_TOKEN>", which are no secrets. Case and punctuation do not count. */
export function isPlaceholder(value: string): boolean {
  const word = value.toLowerCase().replace(/[^a-z0-9]/g, '')
  return WORDS.includes(word) || STARTS.some((start) => word.startsWith(start)) || /^(.)\1*$/.test(word)
}
