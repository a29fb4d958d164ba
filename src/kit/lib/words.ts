/** The words of a text: `'id name'` has the words `'id'` and `'name'`. */
export type WordsIn<S extends string> = S extends `${infer First} ${infer Rest}` ? First | WordsIn<Rest> : S

/** Splits texts into a list of words, because a text is shorter in code than a list. @returns all words, in order */
export const words = <S extends string>(...lines: S[]): WordsIn<S>[] => lines.join(' ').split(' ') as WordsIn<S>[]
