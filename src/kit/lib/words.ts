/** The words of a text: `'id name'` has the words `'id'` and `'name'`. */
export type WordsIn<S extends string> = S extends `${infer First} ${infer Rest}` ? First | WordsIn<Rest> : S

/** A list of words, which is shorter as text than as a list. @returns the words of all lines, in order */
export const words = <S extends string>(...lines: S[]): WordsIn<S>[] => lines.join(' ').split(' ') as WordsIn<S>[]
