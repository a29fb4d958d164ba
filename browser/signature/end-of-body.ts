/**
 * Says that a body differs only by white space at its end, which nobody sees.
 * @param signed the body as it was signed @param pasted as somebody pasted it
 * @returns what to change; null if the bodies are the same, or differ elsewhere
 */
export function faultAtEnd(signed: string, pasted: string): string | null {
  const [added, lost] = [pasted.slice(signed.length), signed.slice(pasted.length)]
  if (pasted.startsWith(signed) && isSpace(added))
    return `The body has ${/[\r\n]/.test(added) ? 'an extra line break' : 'extra white space'} at its end, which was not signed. Verify the body exactly as it was sent.`
  if (signed.startsWith(pasted) && isSpace(lost))
    return `The body lacks the ${/[\r\n]/.test(lost) ? 'line break' : 'white space'} at its end. Verify the body exactly as it was sent.`
  return null
}

const isSpace = (text: string): boolean => text !== '' && text.trim() === ''
