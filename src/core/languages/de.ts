import { EN, type Texts } from './en'

export const DE: Texts = EN
